import { AuthError } from '../../errors.js'

/** What the errors of Redis and its drivers mean. Redis 6 puts those of a script behind a dash in a sentence of its own. */
const cannotNow =
  /(?:^|-)(?:LOADING|READONLY|OOM|MISCONF|BUSY|MASTERDOWN|NOREPLICAS|TRYAGAIN|CLUSTERDOWN|UNBLOCKED)\b|max number of clients/
const notAllowed =
  /(?:^|-)(?:NOAUTH|WRONGPASS|NOPERM)\b|can't run this command|can't access at least|invalid password/i
const isReply = (message: string): boolean => /^[A-Z]{3,} /.test(message)

/**
 * The error a verb throws. The errors of drivers carry the words of their command, a password or a nonce among them, so
 * only the sentence goes on, and of that nothing that repeats those words.
 */
export const faultOf = (error: unknown): Error => {
  if (error instanceof AuthError) return error
  const message = error instanceof Error ? error.message.replace(/,? with args.*$/s, '') : 'unknown'
  const cause = Object.assign(new Error(`redis: ${message}`), codeOf(error))
  const isBug = isReply(message) && !cannotNow.test(message) && !notAllowed.test(message)
  return isBug ? cause : new AuthError('store_unavailable', { cause })
}

/** As Node calls it: ECONNREFUSED. */
const codeOf = (error: unknown): { code?: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? { code: error.code }
    : {}

/** Whether Redis has refused us ourselves, and will until somebody mends the settings or the rights. */
export const isNotAllowed = (error: unknown): boolean => notAllowed.test(sentenceOf(error))

/** The name in the URL stands for nobody, or whoever answered is not who the certificate is for. */
export const isNobodyThere = (error: unknown): boolean =>
  /\bENOTFOUND\b|\bENOENT\b/.test(sentenceOf(error))

export const isNotTrusted = (error: unknown): boolean =>
  /certificate|altnames|SSL routines|EPROTO/.test(sentenceOf(error))

export const isReadOnly = (message: string): boolean => /(?:^|-)READONLY\b/.test(message)

export const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

const sentenceOf = (error: unknown): string => {
  const cause = error instanceof AuthError ? error.cause : error
  return cause instanceof Error ? cause.message.replace(/^redis: /, '') : ''
}
