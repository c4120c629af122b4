import type { Mistake } from './errors.js'
import { parseDuration } from './lib/duration.js'
import { canonicalRange, isRange, isWithin } from './lib/ip-address.js'
import { howToMakeASecret } from './lib/secret-strength.js'

/** As given: one by one they may be wrong, too. */
export type Pairs = {
  profile?: string
  enumeration?: string
  baseUrl?: string
  name?: string
  secret?: string | undefined
  previousSecrets?: readonly string[]
  clients?: readonly { id: string; secret: string }[]
  legacy?: { profile?: string | undefined } | null | undefined
  tokens?: {
    algorithm?: string | undefined
    secret?: string | undefined
    expires?: unknown
  } | null
  sessions?: { secret?: string | undefined } | null
  /** Our settings → smallest and largest number, where the profile allows others than we do. */
  ranges?: Readonly<Record<string, readonly [least: number, most: number]>> | undefined
  http?: {
    maxBodyBytes?: unknown
    allowInsecureCookies?: boolean
    allowedAddresses?: readonly string[]
    deniedAddresses?: readonly string[]
    adminAllowedAddresses?: readonly string[]
    adminDeniedAddresses?: readonly string[]
    responseFormat?: string
  } | null
}

/** Settings that are right one by one and wrong together. A new rule is one more function in the list. */
export const contradictions = (options: Pairs): Mistake[] => rules.flatMap((rule) => rule(options))

type Rule = (options: Pairs) => Mistake[]

const secretsIn = ({ secret, tokens, sessions, clients, previousSecrets }: Pairs) =>
  [
    { option: 'secret', value: secret, purpose: 'the root secret' },
    { option: 'tokens.secret', value: tokens?.secret, purpose: 'the secret of access tokens' },
    { option: 'sessions.secret', value: sessions?.secret, purpose: 'the secret of refresh tokens' },
    ...(Array.isArray(clients) ? clients : []).map((client) => ({
      option: 'clients',
      value: client?.secret,
      purpose: 'the secret of another client',
    })),
    ...(Array.isArray(previousSecrets) ? previousSecrets : []).map((value) => ({
      option: 'previousSecrets',
      value,
      purpose: 'another secret of before',
    })),
  ].flatMap(({ value, ...rest }) => (typeof value === 'string' ? [{ ...rest, value }] : []))

const oneSecretEach: Rule = (options) => {
  const secrets = secretsIn(options)
  return secrets.flatMap(({ option, value }, index) => {
    const twin = secrets.slice(0, index).find((other) => other.value === value)
    if (twin === undefined) return []
    const detail =
      option === 'previousSecrets'
        ? `holds ${twin.purpose} once more; name only secrets that are used no longer`
        : `is the same as ${twin.purpose}; each purpose needs a secret of its own`
    return [{ option, detail }]
  })
}

/** A short name may stand in random letters by chance. */
const leastTelling = 6

const notMadeOfWhatIsPublic: Rule = (options) => {
  const { baseUrl = '', name = '' } = options
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : ''
  const known = [host, String(name)].filter((text) => text.length >= leastTelling)
  return secretsIn(options)
    .filter(({ value }) => known.some((text) => value.toLowerCase().includes(text.toLowerCase())))
    .map(({ option }) => ({
      option,
      detail: 'holds the name or the address of the service, which everybody knows. Make a new one',
    }))
}

const algorithmHasItsSecret: Rule = ({ tokens, profile = 'native' }) => {
  if (tokens?.algorithm === 'HS256' && tokens.secret === undefined && profile === 'native')
    return [{ option: 'tokens.secret', detail: 'is needed for HS256' }]
  if (tokens?.algorithm !== 'ES256' || tokens.secret === undefined) return []
  const detail = 'ES256 uses generated keys; leave out the shared secret, or choose HS256'
  return [{ option: 'tokens.algorithm', detail }]
}

const nothingOverPlainHttp: Rule = ({ baseUrl: url = '', http }) => {
  const isOpen =
    URL.canParse(url) && url.startsWith('http:') && !isThisMachine(new URL(url).hostname)
  if (!isOpen || http?.allowInsecureCookies) return []
  const detail =
    'plain http works on localhost only, because the refresh cookie could be read on the way. Use https'
  return [{ option: 'baseUrl', detail }]
}

const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const somebodyIsServed: Rule = ({ http }) => {
  const [allowed, denied, adminAllowed, adminDenied] = [
    http?.allowedAddresses,
    http?.deniedAddresses,
    http?.adminAllowedAddresses,
    http?.adminDeniedAddresses,
  ].map(rangesIn)
  const mistakes: Mistake[] = []
  if (isEmptied(allowed, denied)) {
    const detail =
      'leaves nobody of allowedAddresses, and so nobody is served. Remove what is too wide'
    mistakes.push({ option: 'http.deniedAddresses', detail })
  }
  if (
    adminAllowed?.length &&
    isEmptied(adminAllowed, [...(denied ?? []), ...(adminDenied ?? [])])
  ) {
    const detail = 'names only addresses that are denied, so nobody reaches /admin'
    mistakes.push({ option: 'http.adminAllowedAddresses', detail })
  }
  const isOutside = (range: string): boolean =>
    !(allowed ?? []).some((other) => isWithin(range, other) || isWithin(other, range))
  if (allowed?.length && adminAllowed?.length && adminAllowed.every(isOutside)) {
    const detail = 'names only addresses outside of allowedAddresses, so nobody reaches /admin'
    mistakes.push({ option: 'http.adminAllowedAddresses', detail })
  }
  return mistakes
}

const allowedOrDenied: Rule = ({ http }) => [
  ...bothWays('http.deniedAddresses', http?.deniedAddresses, http?.allowedAddresses),
  ...bothWays('http.adminDeniedAddresses', http?.adminDeniedAddresses, http?.adminAllowedAddresses),
]

const bothWays = (option: string, denied: unknown, allowed: unknown): Mistake[] => {
  const names = new Set(rangesIn(allowed).map(canonicalRange))
  const both = rangesIn(denied).find((range) => names.has(canonicalRange(range)))
  if (both === undefined) return []
  return [{ option, detail: `holds ${both}, which is allowed as well. Remove it from one of them` }]
}

/** Those that are right; the others have been told of. */
const rangesIn = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((text) => typeof text === 'string' && isRange(text)) : []

const everybody = ['0.0.0.0/0', '::/0']

/** Whether each of those allowed (everybody, when there is no list) lies in a range that is denied. */
const isEmptied = (allowed: readonly string[] = [], denied: readonly string[] = []): boolean =>
  (allowed.length === 0 ? everybody : allowed).every((range) =>
    denied.some((other) => isWithin(range, other)),
  )

const oneClientAnId: Rule = ({ clients }) => {
  const ids = (Array.isArray(clients) ? clients : []).map((client) => client?.id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice === undefined) return []
  return [{ option: 'clients', detail: `names ${twice} twice; each client needs an id of its own` }]
}

const dialectsHaveTheirSecrets: Rule = ({ profile = 'native', tokens, sessions, enumeration }) => {
  if (profile === 'native') return []
  const mistakes: Mistake[] = []
  if (tokens?.secret === undefined) {
    const detail = `is needed for the profile ${profile}: its tokens are signed with a shared secret. ${howToMakeASecret}`
    mistakes.push({ option: 'tokens.secret', detail })
  }
  if (profile === 'strict' && sessions?.secret === undefined) {
    const detail = 'is needed for the profile strict: its refresh tokens have a secret of their own'
    mistakes.push({ option: 'sessions.secret', detail })
  }
  if (enumeration === 'private') {
    const detail = `cannot be private with the profile ${profile}: its clients expect to be told`
    mistakes.push({ option: 'enumeration', detail })
  }
  return mistakes
}

const legacyIsOneService: Rule = ({ profile = 'native', legacy, tokens, sessions }) => {
  if (!legacy) return []
  const before = legacy.profile ?? profile
  if (before === 'native') {
    const detail = 'is needed: say which service it was whose tokens are honoured'
    return [{ option: 'legacy.profile', detail }]
  }
  if (profile !== 'native' && before !== profile) {
    const detail = `must be ${profile}, which is spoken, or be left out: only the native API takes tokens of another service`
    return [{ option: 'legacy.profile', detail }]
  }
  if (profile !== 'native') return []
  const mistakes: Mistake[] = []
  if (['username', 'strict', 'flat'].includes(before) && tokens?.secret === undefined) {
    const detail = `is needed for the tokens of the service ${before}: give the secret that signed them`
    mistakes.push({ option: 'tokens.secret', detail })
  }
  if (before === 'strict' && sessions?.secret === undefined) {
    const detail =
      'is needed for the refresh tokens of the service strict: give the secret that signed them'
    mistakes.push({ option: 'sessions.secret', detail })
  }
  return mistakes
}

const dialectsHaveTheirFormat: Rule = ({ profile = 'native', http }) => {
  if (http?.responseFormat !== 'envelope' || profile === 'native' || profile === 'envelope')
    return []
  const detail = `cannot be envelope with the profile ${profile}, whose answers are shaped already. Leave it out`
  return [{ option: 'http.responseFormat', detail }]
}

const withinOurBounds: Rule = ({ tokens, http, ranges = {} }) => {
  const [, minutes] = ranges.ACCESS_TOKEN_EXPIRE_MINUTES ?? [1, 60]
  const [leastBytes] = ranges.MAX_REQUEST_BODY_SIZE ?? [1024]
  const mistakes: Mistake[] = []
  if (secondsIn(tokens?.expires) > minutes * 60) {
    const detail = `must be a length of time from 1m to ${minutes}m, such as 1m`
    mistakes.push({ option: 'tokens.expires', detail })
  }
  if (typeof http?.maxBodyBytes === 'number' && http.maxBodyBytes < leastBytes) {
    const detail = `must be a whole number from ${leastBytes} to 1048576`
    mistakes.push({ option: 'http.maxBodyBytes', detail })
  }
  return mistakes
}

/** Of what is right, and has been read; of what is right, when something else is not. */
const secondsIn = (length: unknown): number =>
  typeof length === 'string' ? (parseDuration(length) ?? 0) : Number(length ?? 0)

const rules: readonly Rule[] = [
  legacyIsOneService,
  dialectsHaveTheirFormat,
  withinOurBounds,
  dialectsHaveTheirSecrets,
  oneClientAnId,
  oneSecretEach,
  notMadeOfWhatIsPublic,
  algorithmHasItsSecret,
  nothingOverPlainHttp,
  allowedOrDenied,
  somebodyIsServed,
]
