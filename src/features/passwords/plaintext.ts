import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Under a key that dies with the process: the mark is of no use to who finds one, and nobody can plant one. */
const key = randomBytes(32)
const prefix = '$plaintext$'

const markOf = (password: string): string =>
  prefix + createHmac('sha256', key).update(password.normalize('NFC')).digest('base64url')

/** In place of a hash for a password that a host keeps as it was typed; it is never stored. */
export const markPlaintext = markOf

/** Whether the password is the marked one; undefined for what is no mark. */
export const fitsPlaintext = (stored: string, password: string): boolean | undefined => {
  if (!stored.startsWith(prefix)) return undefined
  const [wanted, given] = [Buffer.from(stored), Buffer.from(markOf(password))]
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}
