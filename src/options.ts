import { z } from 'zod'
import { ConfigurationError, type Mistake } from './errors.js'
import type { User, UserStore } from './features/accounts/store.js'
import type { EventListener } from './features/events/events.js'
import type { HashSettings } from './features/passwords/algorithms.js'
import type { Clock } from './lib/clock.js'
import { parseDuration } from './lib/duration.js'
import type { Log } from './lib/log.js'
import { howToMakeASecret, secretWeakness } from './lib/secret-strength.js'
import { trusted } from './lib/trusted.js'
import type { Store } from './stores/store.js'

/** Options, grouped by room. All but `store` may be left out; what is left out is safe. */
export type AuthOptions = {
  /** Where everything is kept: memoryStore(), sqlStore('sqlite:./data/latchkey.db'). */
  store: Store
  /** Users of the host's own, instead of those in `store`: usersFrom(getUser), or a whole UserStore. */
  users?: UserStore
  /** The only address ever put in tokens, cookies and links, without a trailing slash. Default http://localhost:8000 */
  baseUrl?: string
  /** Name of the service, which no password may contain. Default latchkey */
  name?: string
  /** At least 32 random bytes: refresh tokens and sealed keys stand on it. Default: made once and kept beside the store. */
  secret?: string
  /** Secrets of before: still accepted, never used for anything new. */
  previousSecrets?: readonly string[]
  tokens?: {
    /** ES256 (generated keys, the default) or HS256 (with `secret`). */
    algorithm?: 'ES256' | 'HS256'
    /** Shared secret for HS256, at least 32 bytes. */
    secret?: string
    issuer?: string
    audience?: string
    /** 1m to 60m. Default 15m */
    expires?: string
    /** A new ES256 key is made when the present one is this old. Default 90d */
    rotateKeys?: string
    /** Claims of your own. Ours win where names meet. */
    claims?: (user: User) => Record<string, unknown>
  }
  sessions?: {
    /** Secret of the refresh tokens, instead of one derived from `secret`. */
    secret?: string
    /** A session that is not refreshed ends after this: 1d to 30d. Default 7d */
    refreshExpires?: string
    /** A session ends after this in any case. Default 30d */
    absoluteExpires?: string
    /** For so long a repeated refresh token is answered with the same successor: 0s to 60s. Default 10s */
    grace?: string
    /** How often sessions that expired more than a day ago are removed: 1s to 1d, 0s for never. Default 10m */
    purge?: string
  }
  passwords?: {
    /** default (12 characters), nist (15), classic-12, classic-8 */
    policy?: 'default' | 'nist' | 'classic-12' | 'classic-8'
    hash?: 'argon2id' | 'bcrypt'
    /** argon2id: default 19456, 2, 1; only upwards. */
    memoryKib?: number
    passes?: number
    parallelism?: number
    /** bcrypt: default 12; only upwards. */
    cost?: number
    /** How many hashes may wait for a free core before callers are sent away. Default 64 */
    queue?: number
  }
  http?: {
    /** Exact origins of pages elsewhere that may call. */
    allowedOrigins?: readonly string[]
    /** How refresh tokens travel. auto: as a cookie to browsers, in the body to everybody else. */
    refreshTokenTransport?: 'auto' | 'cookie' | 'body'
    /** Default 10240, at most 1048576. */
    maxBodyBytes?: number
    /** Allows plain http on other hosts than this machine: the refresh cookie can then be read on the way. */
    allowInsecureCookies?: boolean
  }
  onEvent?: EventListener
  log?: Log
  clock?: Clock
}

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

const schema = z.strictObject({
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
      expires: seconds('1m', '60m').default(900),
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
    })
    .prefault({}),
  passwords: z
    .strictObject({
      policy: oneOf(['default', 'nist', 'classic-12', 'classic-8']).default('default'),
      hash: oneOf(['argon2id', 'bcrypt']).default('argon2id'),
      memoryKib: whole(19_456, 262_144).default(19_456),
      passes: whole(2, 16).default(2),
      parallelism: whole(1, 16).default(1),
      cost: whole(12, 15).default(12),
      queue: whole(0, 10_000).default(64),
    })
    .prefault({}),
  http: z
    .strictObject({
      allowedOrigins: z.array(webOrigin).default([]),
      refreshTokenTransport: oneOf(['auto', 'cookie', 'body']).default('auto'),
      maxBodyBytes: whole(1024, 1_048_576).default(10_240),
      allowInsecureCookies: z.boolean().default(false),
    })
    .prefault({}),
})

export type Options = z.output<typeof schema> & {
  tokens: { issuer: string; audience: string }
  hashing: HashSettings
}

/** Options with every default filled in. @throws ConfigurationError with all mistakes at once */
export const readOptions = (given: AuthOptions): Options =>
  read(given, given.store ? [] : [missingStore])

/** The same before there is a store, to say everything at once. @throws ConfigurationError */
export const readOptionsWithoutStore = (given: Omit<AuthOptions, 'store'>): Options =>
  read(given, [])

const read = (given: Partial<AuthOptions>, mistakesSoFar: readonly Mistake[]): Options => {
  const {
    store: _store,
    users: _users,
    onEvent: _onEvent,
    log: _log,
    clock: _clock,
    ...data
  } = given
  const { claims: _claims, ...tokens } = data.tokens ?? {}
  const result = schema.safeParse(withoutUndefined({ ...data, tokens }))
  const mistakes = [
    ...mistakesSoFar,
    ...(result.error?.issues.flatMap(mistakesOf) ?? []),
    ...contradictions(result.data ?? trusted(data)),
  ]
  if (!result.success || mistakes.length > 0) throw new ConfigurationError(mistakes)
  const options = result.data
  return {
    ...options,
    tokens: {
      ...options.tokens,
      issuer: options.tokens.issuer ?? options.baseUrl,
      audience: options.tokens.audience ?? options.baseUrl,
    },
    hashing: hashingOf(options.passwords),
  }
}

const missingStore: Mistake = {
  option: 'store',
  detail: "is needed: memoryStore(), or sqlStore('sqlite:./data/latchkey.db')",
}

const mistakesOf = (issue: z.core.$ZodIssue): Mistake[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({
        option: [...issue.path, key].join('.'),
        detail: 'is not an option',
      }))
    : [
        {
          option: issue.path.filter((part) => typeof part === 'string').join('.'),
          detail: issue.message,
        },
      ]

/** As given: one by one they may be wrong, too. */
type Pairs = {
  baseUrl?: string
  secret?: string | undefined
  tokens?: { algorithm?: string | undefined; secret?: string | undefined } | null
  sessions?: { secret?: string | undefined } | null
  http?: { allowInsecureCookies?: boolean } | null
}

/** Settings that are right one by one and wrong together. */
const contradictions = ({
  baseUrl: url = '',
  secret: root,
  tokens,
  sessions,
  http,
}: Pairs): Mistake[] => {
  const mistakes: Mistake[] = []
  const say = (option: string, detail: string): number => mistakes.push({ option, detail })
  const secrets = [
    { option: 'secret', value: root, purpose: 'the root secret' },
    { option: 'tokens.secret', value: tokens?.secret, purpose: 'the secret of access tokens' },
    { option: 'sessions.secret', value: sessions?.secret, purpose: 'the secret of refresh tokens' },
  ].filter(({ value }) => value !== undefined)
  for (const [index, { option, value }] of secrets.entries()) {
    const twin = secrets.slice(0, index).find((other) => other.value === value)
    if (twin) say(option, `is the same as ${twin.purpose}; each purpose needs a secret of its own`)
  }
  if (tokens?.algorithm === 'HS256' && tokens.secret === undefined)
    say('tokens.secret', 'is needed for HS256')
  if (tokens?.algorithm === 'ES256' && tokens.secret !== undefined) {
    say(
      'tokens.algorithm',
      'ES256 uses generated keys; leave out the shared secret, or choose HS256',
    )
  }
  const isOpen =
    URL.canParse(url) && url.startsWith('http:') && !isThisMachine(new URL(url).hostname)
  if (isOpen && !http?.allowInsecureCookies) {
    say(
      'baseUrl',
      'plain http works on localhost only, because the refresh cookie could be read on the way. Use https',
    )
  }
  return mistakes
}

const isThisMachine = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const hashingOf = (passwords: z.output<typeof schema>['passwords']): HashSettings => {
  const { hash, memoryKib, passes, parallelism, cost } = passwords
  if (hash === 'bcrypt') return { algorithm: 'bcrypt', cost }
  return { algorithm: 'argon2id', memoryKib, passes, parallelism }
}

/** `{ secret: undefined }` means the same as leaving it out. */
const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
