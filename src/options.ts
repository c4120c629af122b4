import type { z } from 'zod'
import { ConfigurationError, type Mistake } from './errors.js'
import type { IdKind } from './features/accounts/ids.js'
import type { User, UserStore } from './features/accounts/store.js'
import type { EventListener } from './features/events/events.js'
import type { Provider } from './features/oauth/providers/provider.js'
import type { ProviderSetup } from './features/oauth/providers.js'
import { readSetups } from './features/oauth/setups.js'
import { type HashSettings, hashSettingsOf } from './features/passwords/algorithms.js'
import type { LegacyTokenStore } from './features/sessions/store.js'
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import { trusted } from './lib/trusted.js'
import { contradictions } from './option-pairs.js'
import { optionSchema } from './option-schema.js'
import type { DialectOptions, ProfileName } from './profiles/dialect.js'
import { dialectOf } from './profiles/dialects.js'
import type { Store } from './stores/store.js'

/** Options, grouped by room. All but `store` may be left out; what is left out is safe. */
export type AuthOptions = {
  /** Where everything is kept: memoryStore(), sqlStore('sqlite:./data/latchkey.db'). */
  store: Store
  /** Users of the host's own, instead of those in `store`: usersFrom(getUser), or a whole UserStore. */
  users?: UserStore
  /** The contract that is spoken: that of latchkey, or of one of the services it replaces. Default native */
  profile?: ProfileName
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
    /** 1m to 60m, to 1d in the profiles username and envelope. Default 15m */
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
    /** So many sessions one user may have at once, 1 to 1000; a further one ends the oldest. Default 100 */
    perUser?: number
    /** Whether a repeat within the grace from another address or program counts as theft. Default false */
    strictGrace?: boolean
  }
  /** The service that latchkey replaced: its access tokens are honoured (with the same `tokens.secret`), refresh tokens once. */
  legacy?: {
    /** A day, which counts to its end in UTC, or an instant: '2026-12-31', '2026-12-31T12:00Z' */
    until: string | Date
    /** Which service that was. Default: `profile` */
    profile?: Exclude<ProfileName, 'native'>
    /** Where it kept its refresh tokens: redisLegacyTokens(url), mongoLegacyTokens(url), sqlLegacyTokens(url) */
    tokens?: LegacyTokenStore
  }
  passwords?: {
    /** default (12 characters), nist (15), classic-12, classic-8; none where a profile asks for what it asks for itself */
    policy?: 'default' | 'nist' | 'classic-12' | 'classic-8' | 'none'
    hash?: 'argon2id' | 'bcrypt'
    /** argon2id: default 19456, 2, 1; only upwards. */
    memoryKib?: number
    passes?: number
    parallelism?: number
    /** bcrypt: default 12; only upwards. */
    cost?: number
    /** How many hashes may wait before callers are sent away; logins, registrations and others that wait share. Default 64 */
    queue?: number
    /** How many threads hash, 1 to 256. Default: as many as cores */
    threads?: number
  }
  accounts?: {
    /** What ids of new accounts look like. Default: as the profile has them, uuid natively */
    ids?: IdKind
  }
  /** How often one address may ask, unless it is 0, which limits nothing. An IPv6 address counts by its /64. */
  limits?: {
    /** Requests of all kinds in one window, health checks apart. Default 600 */
    requests?: number
    /** 1s to 1h. Default 60s */
    window?: string
    /** Logins in a minute. A device that is known has a count of its own. Default 5 */
    login?: number
    /** Registrations in a minute. Default 5 */
    register?: number
    /** Refreshes in a minute. Default 300 */
    refresh?: number
  }
  /** What wrong passwords lead to. */
  locks?: {
    /**
     * After so many on one account an address is locked out of it; half as many are answered at once, the others make
     * it wait. Five times as many from all addresses lock the account for all but known devices, and five times as
     * many on all accounts lock the address. 3 to 1000000. Default 10
     */
    afterFailures?: number
    /** How long the first lock lasts: 1m to 1d. Default 15m */
    duration?: string
  }
  /**
   * Services that may ask what a token is worth and end sessions by it, at /oauth/introspect and /oauth/revoke. Without
   * them those addresses do not exist. Each has a secret of at least 32 random bytes.
   */
  clients?: readonly { id: string; secret: string }[]
  /** Signing in through providers. docs/guides/social-login.md */
  oauth?: {
    providers?: readonly LoginProvider[]
    /** Exact addresses that browsers may be sent back to; the first is taken where none is asked for. */
    returnUrls?: readonly string[]
    /** Keeps what providers give to us besides, sealed, for `auth.providerTokens`. Default false */
    keepTokens?: boolean
    /** How many calls to each provider may wait while ten are under way; further sign-ins are told to come again. Default 100 */
    queue?: number
    /** For development: the origin at which stand-ins for all providers answer (latchkey/testing). */
    standIn?: string
  }
  /** private: nobody learns from registration whether an address has an account. Default open */
  enumeration?: 'open' | 'private'
  http?: {
    /** Exact origins of pages elsewhere that may call. */
    allowedOrigins?: readonly string[]
    /** How refresh tokens travel. auto: as a cookie to browsers, in the body to everybody else. */
    refreshTokenTransport?: 'auto' | 'cookie' | 'body'
    /** Default 10240, at most 1048576. */
    maxBodyBytes?: number
    /** Allows plain http on other hosts than this machine: the refresh cookie can then be read on the way. */
    allowInsecureCookies?: boolean
    /** Proxies (CIDR) whose X-Forwarded-For is believed. Without them the address of the connection counts. */
    trustedProxies?: readonly string[]
    /** Only these addresses (CIDR) are served. Default: all */
    allowedAddresses?: readonly string[]
    /** These are not, whatever else is said. */
    deniedAddresses?: readonly string[]
    /** The same for everything under /admin. */
    adminAllowedAddresses?: readonly string[]
    adminDeniedAddresses?: readonly string[]
    /** Whether signing out tells the browser to forget what it keeps of this origin (Clear-Site-Data). Default false */
    clearSiteData?: boolean
    /**
     * envelope: every JSON answer of the native API is { success, status_code, message, data, timestamp }, and refusals
     * say error_code and details besides. Default bare
     */
    responseFormat?: 'bare' | 'envelope'
  }
  /**
   * store: where the database has a clock and ours is off, ours follows it, so that all instances agree. machine: only the
   * clock here counts. Without effect where `clock` is given. Default store
   */
  clockSource?: 'store' | 'machine'
  onEvent?: EventListener
  /** Hears only of what somebody should look at soon, such as a spent refresh token or a device nobody knew. */
  onAlert?: EventListener
  log?: Log
  clock?: Clock
}

export type LoginProvider = {
  /** One that is known (google, facebook, github, …), or a name of your own with an issuer or a definition. */
  name: string
  clientId: string
  /** Needed, unless the provider has it made from a key (apple). */
  clientSecret?: string
  /** Client ids of apps of yours at the same provider, whose ID tokens are taken as well. */
  appClientIds?: readonly string[]
  /** Of an OpenID provider of your own, found by discovery; of gitlab, where it is your own. */
  issuer?: string
  /** On buttons. Default: that of the provider, or the name */
  title?: string
  /** Instead of those of the provider. */
  scopes?: readonly string[]
  /**
   * For a provider that is your own (with an `issuer`; microsoft with one tenant): its word about addresses is as good as a
   * mail of ours, so that accounts meet by address. Default false
   */
  trustsEmail?: boolean
  /** microsoft: the id of your tenant, or common, organizations or consumers. */
  tenant?: string
  /** apple: the team, and the id and the text of its key, as a PEM. */
  teamId?: string
  keyId?: string
  privateKey?: string
  /** Everything about a provider that nobody knows: docs/guides/adding-a-provider.md */
  definition?: Provider
}

export type Options = z.output<typeof optionSchema> & {
  setups: readonly ProviderSetup[]
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
    onAlert: _onAlert,
    log: _log,
    clock: _clock,
    ...data
  } = given
  const { claims: _claims, ...tokens } = data.tokens ?? {}
  const { tokens: _kept, ...legacy } = data.legacy ?? {}
  const {
    options: defaults,
    settings: { ranges },
  } = dialectOf(data.profile)
  const whole = withDefaults(
    defaults,
    withoutUndefined({ ...data, tokens, ...(data.legacy && { legacy }) }),
  )
  const result = optionSchema.safeParse(whole)
  const mistakes = [
    ...mistakesSoFar,
    ...(result.error?.issues.flatMap(mistakesOf) ?? []),
    ...contradictions({ ...(result.data ?? trusted<object>(data)), ranges }),
  ]
  const providers = readSetups(result.data?.oauth.providers ?? [], result.data?.baseUrl)
  mistakes.push(...providers.mistakes)
  if (!result.success || mistakes.length > 0) throw new ConfigurationError(mistakes)
  const options = result.data
  return {
    ...options,
    tokens: {
      ...options.tokens,
      issuer: options.tokens.issuer ?? options.baseUrl,
      audience: options.tokens.audience ?? options.baseUrl,
    },
    hashing: hashSettingsOf(options.passwords),
    setups: providers.setups,
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

/** What was given wins, member by member. */
const withDefaults = (defaults: DialectOptions, given: object): object => {
  const groups = new Map<string, unknown>(Object.entries(given))
  for (const [name, group] of Object.entries(defaults)) {
    const own = groups.get(name) ?? {}
    if (typeof own === 'object') groups.set(name, { ...group, ...withoutUndefined(own) })
  }
  return Object.fromEntries(groups)
}

/** `{ secret: undefined }` means the same as leaving it out. */
const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
