import { z } from 'zod'
import { parseDuration } from './lib/duration.js'
import { isBoundless, isRange } from './lib/ip-address.js'
import { howToMakeASecret, secretWeakness } from './lib/secret-strength.js'
import { parseUntil } from './lib/until.js'

const seconds = (least: string, most: string) =>
  z.string().transform((text, context) => {
    const length = parseDuration(text)
    if (length !== undefined && length >= toSeconds(least) && length <= toSeconds(most))
      return length
    context.addIssue({
      code: 'custom',
      message: `must be a length of time from ${least} to ${most}, such as ${least}`,
    })
    return z.NEVER
  })

const toSeconds = (text: string): number => parseDuration(text) ?? 0

const secret = z.string().superRefine((value, context) => {
  const weakness = secretWeakness(value)
  if (weakness) context.addIssue({ code: 'custom', message: `${weakness}. ${howToMakeASecret}` })
})

const until = z
  .union([z.date(), z.string()], {
    error: 'is needed: the last day that tokens of before are honoured, such as 2026-12-31',
  })
  .transform((given, context) => {
    const instant = typeof given === 'string' ? parseUntil(given) : given
    if (instant !== undefined) return instant
    context.addIssue({
      code: 'custom',
      message: 'must be a day such as 2026-12-31, or an instant such as 2026-12-31T12:00:00Z',
    })
    return z.NEVER
  })

const text = (most: number) => {
  const error = `must have 1 to ${most} characters`
  return z.string().min(1, error).max(most, error)
}

const whole = (least: number, most: number) =>
  z
    .number({ error: rangeText(least, most) })
    .int(rangeText(least, most))
    .min(least, rangeText(least, most))
    .max(most, rangeText(least, most))

const rangeText = (least: number, most: number): string =>
  `must be a whole number from ${least} to ${most}`

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be one of: ${names.join(', ')}` })

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && !text.includes('*')

const webOrigin = z.string().refine(isOrigin, {
  error:
    'must be exact origins such as https://app.example.com, without a path or a trailing slash',
})

const baseUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//.test(text) && !/[?#@]|\/$/.test(text), {
    error:
      'must be an http or https address without a trailing slash, such as https://id.example.com',
  })

const range = z.string().refine(isRange, {
  error: 'must be addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32, comma separated',
})

const ranges = z.array(range).default([])

const proxies = z
  .array(
    range.refine((text) => !isBoundless(text), {
      error:
        'must name the proxies themselves: with 0.0.0.0/0 or ::/0 everybody could choose the address that limits count',
    }),
  )
  .default([])

const client = z.strictObject({
  id: z.string().regex(/^[\w.~-]{1,50}$/, {
    error: 'must name clients with 1 to 50 letters, digits, dots, dashes or underscores',
  }),
  secret,
})

const webAddress = z
  .string()
  .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text) && !text.includes('#'), {
    error: 'must be exact http or https addresses, such as https://app.example.com/signed-in',
  })

/** With or without a trailing slash: it is compared sign by sign with what the provider says. */
const issuer = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//.test(text) && !/[?#@\s]/.test(text), {
    error: 'must be an https address such as https://login.example.com',
  })

const scopeText = 'must be scopes without spaces in them (RFC 6749 §3.3)'

const loginProvider = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, {
    error: 'must name providers with 1 to 32 small letters, digits or dashes',
  }),
  clientId: text(255),
  clientSecret: text(4096).optional(),
  appClientIds: z.array(text(255)).optional(),
  issuer: issuer.optional(),
  title: text(64).optional(),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, scopeText)).optional(),
  trustsEmail: z.boolean().optional(),
  tenant: text(64).optional(),
  teamId: text(64).optional(),
  keyId: text(64).optional(),
  privateKey: text(8192).optional(),
  definition: z.unknown().optional(),
})

/** What options may be, and what they are when nobody says anything. */
export const optionSchema = z.strictObject({
  profile: oneOf(['native', 'username', 'cookie', 'strict', 'flat', 'envelope']).default('native'),
  baseUrl: baseUrl.default('http://localhost:8000'),
  name: text(64).default('latchkey'),
  secret: secret.optional(),
  previousSecrets: z.array(secret).default([]),
  tokens: z
    .strictObject({
      algorithm: oneOf(['ES256', 'HS256']).optional(),
      secret: secret.optional(),
      issuer: text(255).optional(),
      audience: text(255).optional(),
      expires: seconds('1m', '1d').default(900),
      rotateKeys: seconds('1d', '730d').default(7_776_000),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      secret: secret.optional(),
      refreshExpires: seconds('1d', '30d').default(604_800),
      absoluteExpires: seconds('1d', '365d').default(2_592_000),
      grace: seconds('0s', '60s').default(10),
      purge: seconds('0s', '1d').default(600),
      perUser: whole(1, 1000).default(100),
      strictGrace: z.boolean().default(false),
    })
    .prefault({}),
  legacy: z
    .strictObject({
      until,
      profile: oneOf(['username', 'cookie', 'strict', 'flat', 'envelope']).optional(),
    })
    .optional(),
  passwords: z
    .strictObject({
      policy: oneOf(['default', 'nist', 'classic-12', 'classic-8', 'none']).default('default'),
      hash: oneOf(['argon2id', 'bcrypt']).default('argon2id'),
      memoryKib: whole(19_456, 262_144).default(19_456),
      passes: whole(2, 16).default(2),
      parallelism: whole(1, 16).default(1),
      cost: whole(12, 15).default(12),
      queue: whole(0, 10_000).default(64),
      threads: whole(1, 256).optional(),
    })
    .prefault({}),
  accounts: z
    .strictObject({ ids: oneOf(['uuid', 'integer', 'objectid', 'username']).optional() })
    .prefault({}),
  limits: z
    .strictObject({
      requests: whole(0, 1_000_000_000).default(600),
      window: seconds('1s', '1h').default(60),
      login: whole(0, 1_000_000_000).default(5),
      register: whole(0, 1_000_000_000).default(5),
      refresh: whole(0, 1_000_000_000).default(300),
    })
    .prefault({}),
  locks: z
    .strictObject({
      afterFailures: whole(3, 1_000_000).default(10),
      duration: seconds('1m', '1d').default(900),
    })
    .prefault({}),
  clients: z.array(client).default([]),
  oauth: z
    .strictObject({
      providers: z.array(loginProvider).default([]),
      returnUrls: z.array(webAddress).default([]),
      keepTokens: z.boolean().default(false),
      queue: whole(0, 10_000).default(100),
      standIn: webOrigin.optional(),
    })
    .prefault({}),
  clockSource: oneOf(['store', 'machine']).default('store'),
  enumeration: oneOf(['open', 'private']).default('open'),
  http: z
    .strictObject({
      allowedOrigins: z.array(webOrigin).default([]),
      refreshTokenTransport: oneOf(['auto', 'cookie', 'body']).default('auto'),
      maxBodyBytes: whole(1, 1_048_576).default(10_240),
      allowInsecureCookies: z.boolean().default(false),
      trustedProxies: proxies,
      allowedAddresses: ranges,
      deniedAddresses: ranges,
      adminAllowedAddresses: ranges,
      adminDeniedAddresses: ranges,
      clearSiteData: z.boolean().default(false),
      responseFormat: oneOf(['bare', 'envelope']).default('bare'),
    })
    .prefault({}),
})
