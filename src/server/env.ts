import { availableParallelism } from 'node:os'
import type { AuthOptions } from '../options.js'
import { profileNames } from '../profiles/dialect.js'
import { providerRows } from './provider-rows.js'
import type { Setting } from './setting.js'
import { pageFault } from './web-addresses.js'

/**
 * Settings from the environment: one table makes the validation, `.env.example` and docs/configuration.md. This is the
 * only file that reads the environment.
 */
export type { Setting } from './setting.js'

export const settingsTable: readonly Setting[] = [
  {
    variable: 'HOST',
    option: 'host',
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address to listen on. 0.0.0.0 for all.',
  },
  {
    variable: 'PORT',
    option: 'port',
    kind: 'number',
    range: [0, 65_535],
    default: '8000',
    meaning: 'Port to listen on. 0 takes a free one.',
  },
  {
    variable: 'BASE_URL',
    option: 'baseUrl',
    kind: 'text',
    default: 'http://localhost:PORT',
    meaning:
      'The only address ever put in tokens, cookies and links. https is required in production.',
    example: 'https://id.example.com',
  },
  {
    variable: 'ENVIRONMENT',
    option: 'environment',
    kind: 'text',
    choices: ['development', 'production'],
    default: 'development',
    meaning:
      'development or production. Production turns the documentation and the try-it page off.',
  },
  {
    variable: 'SERVICE_NAME',
    option: 'name',
    kind: 'text',
    default: 'latchkey',
    meaning: 'Name of the service, which no password may contain.',
  },
  {
    variable: 'DATABASE_URL',
    option: 'databaseUrl',
    kind: 'text',
    default: 'sqlite:./data/latchkey.db',
    meaning:
      'Where everything is kept: sqlite: and a path, postgres://, mysql://, mariadb://, sqlserver://, mongodb://, or memory. docs/guides/stores.md tells more.',
    example: 'postgres://user:password@localhost:5432/latchkey',
    secret: true,
  },
  {
    variable: 'DATABASE_QUEUE',
    option: 'databaseQueue',
    kind: 'number',
    range: [1, 1_000_000],
    default: '1000',
    meaning:
      'How many may wait for the database, and as many for Redis, before callers get 503. docs/guides/queues.md tells more.',
  },
  {
    variable: 'SESSION_STORE',
    option: 'sessionStore',
    kind: 'text',
    choices: ['database', 'redis'],
    default: 'database',
    meaning: 'Where sessions are kept: database, or redis at REDIS_URL.',
  },
  {
    variable: 'REDIS_URL',
    option: 'redisUrl',
    kind: 'text',
    default: '',
    meaning:
      'Redis 6 or later, where all instances count their rate limits together, and keep sessions with SESSION_STORE=redis: redis://user:password@host:6379/0, or rediss:// for TLS.',
    example: 'redis://localhost:6379',
    secret: true,
  },
  {
    variable: 'REDIS_ALLOW_VOLATILE',
    option: 'redisAllowVolatile',
    kind: 'boolean',
    default: 'false',
    meaning:
      'Allows a Redis that loses sessions when it is restarted or full. Everybody has to sign in again then.',
  },
  {
    variable: 'LATCHKEY_SECRET',
    option: 'secret',
    kind: 'text',
    default: 'made at the first start and kept in a file, in development or with SQLite',
    meaning:
      'At least 32 random bytes, the same for all instances. Refresh tokens and sealed keys stand on it.',
    secret: true,
  },
  {
    variable: 'LATCHKEY_PREVIOUS_SECRET',
    option: 'previousSecrets',
    kind: 'list',
    default: '',
    meaning: 'Secrets of before, comma separated: still accepted, never used for anything new.',
    secret: true,
  },
  {
    variable: 'JWT_SECRET_KEY',
    option: 'tokens.secret',
    kind: 'text',
    default: '',
    meaning:
      'Shared secret of at least 32 bytes: access tokens are signed with HS256 instead of ES256.',
    secret: true,
  },
  {
    variable: 'JWT_REFRESH_SECRET_KEY',
    option: 'sessions.secret',
    kind: 'text',
    default: '',
    meaning:
      'Secret of the refresh tokens, at least 32 bytes. Without it one is derived from LATCHKEY_SECRET.',
    secret: true,
  },
  {
    variable: 'JWT_ALGORITHM',
    option: 'tokens.algorithm',
    kind: 'text',
    choices: ['HS256', 'ES256'],
    default: 'HS256 with JWT_SECRET_KEY, else ES256',
    meaning: 'HS256 or ES256.',
  },
  {
    variable: 'JWT_ISSUER',
    option: 'tokens.issuer',
    kind: 'text',
    default: 'BASE_URL',
    meaning: 'The claim iss.',
  },
  {
    variable: 'JWT_AUDIENCE',
    option: 'tokens.audience',
    kind: 'text',
    default: 'BASE_URL',
    meaning: 'The claim aud.',
  },
  {
    variable: 'ACCESS_TOKEN_EXPIRE_MINUTES',
    option: 'tokens.expires',
    kind: 'number',
    range: [1, 60],
    suffix: 'm',
    default: '15',
    meaning: 'Lifetime of access tokens, 1 to 60.',
  },
  {
    variable: 'REFRESH_TOKEN_EXPIRE_DAYS',
    option: 'sessions.refreshExpires',
    kind: 'number',
    range: [1, 30],
    suffix: 'd',
    default: '7',
    meaning: 'A session that is not refreshed ends after this, 1 to 30.',
  },
  {
    variable: 'REFRESH_TOKEN_GRACE_SECONDS',
    option: 'sessions.grace',
    kind: 'number',
    range: [0, 60],
    suffix: 's',
    default: '10',
    meaning:
      'For so long a repeated refresh token is given the same successor, 0 to 60. 0 is strict.',
  },
  {
    variable: 'SESSION_EXPIRE_DAYS',
    option: 'sessions.absoluteExpires',
    kind: 'number',
    range: [1, 365],
    suffix: 'd',
    default: '30',
    meaning: 'A session ends after this, however often it is refreshed, 1 to 365.',
  },
  {
    variable: 'SESSION_PURGE_MINUTES',
    option: 'sessions.purge',
    kind: 'number',
    range: [0, 1440],
    suffix: 'm',
    default: '10',
    meaning: 'How often sessions that expired more than a day ago are removed, 0 for never.',
  },
  {
    variable: 'SESSION_LIMIT',
    option: 'sessions.perUser',
    kind: 'number',
    range: [1, 1000],
    default: '100',
    meaning:
      'So many sessions one user may have at once, 1 to 1000; a further one ends the oldest.',
  },
  {
    variable: 'REFRESH_TOKEN_GRACE_STRICT',
    option: 'sessions.strictGrace',
    kind: 'boolean',
    default: 'false',
    meaning: 'A repeat within the grace from another address or program counts as theft.',
  },
  {
    variable: 'REFRESH_TOKEN_TRANSPORT',
    option: 'http.refreshTokenTransport',
    kind: 'text',
    choices: ['auto', 'cookie', 'body'],
    default: 'auto',
    meaning: 'cookie, body, or auto: a cookie for browsers, the body for everybody else.',
  },
  {
    variable: 'PASSWORD_HASH',
    option: 'passwords.hash',
    kind: 'text',
    choices: ['argon2id', 'bcrypt'],
    default: 'argon2id',
    meaning: 'argon2id or bcrypt. Old hashes are rewritten at the next login.',
  },
  {
    variable: 'PASSWORD_HASH_MEMORY_KIB',
    option: 'passwords.memoryKib',
    kind: 'number',
    range: [19_456, 262_144],
    default: '19456',
    meaning: 'Memory of argon2id; only upwards.',
  },
  {
    variable: 'PASSWORD_HASH_PASSES',
    option: 'passwords.passes',
    kind: 'number',
    range: [2, 16],
    default: '2',
    meaning: 'Passes of argon2id; only upwards.',
  },
  {
    variable: 'PASSWORD_HASH_PARALLELISM',
    option: 'passwords.parallelism',
    kind: 'number',
    range: [1, 16],
    default: '1',
    meaning: 'Lanes of argon2id.',
  },
  {
    variable: 'PASSWORD_HASH_COST',
    option: 'passwords.cost',
    kind: 'number',
    range: [12, 15],
    default: '12',
    meaning: 'Cost of bcrypt; only upwards.',
  },
  {
    variable: 'PASSWORD_HASH_QUEUE',
    option: 'passwords.queue',
    kind: 'number',
    range: [0, 10_000],
    default: '64',
    meaning:
      'How many hashes may wait for a thread before callers get 503. Logins, registrations and the others that wait share it.',
  },
  {
    variable: 'PASSWORD_HASH_THREADS',
    option: 'passwords.threads',
    kind: 'number',
    range: [1, 256],
    default: '',
    meaning: 'How many threads hash passwords. As many as cores without it.',
  },
  {
    variable: 'PASSWORD_POLICY',
    option: 'passwords.policy',
    kind: 'text',
    choices: ['default', 'nist', 'classic-12', 'classic-8'],
    default: 'default',
    meaning:
      'default (12 characters), nist (15), classic-12 or classic-8 (with upper and lower case, digit, special).',
  },
  {
    variable: 'ALLOWED_ORIGINS',
    option: 'http.allowedOrigins',
    kind: 'list',
    default: '',
    meaning: 'Exact origins of pages elsewhere that may call, comma separated.',
    example: 'https://app.example.com',
  },
  {
    variable: 'RESPONSE_FORMAT',
    option: 'http.responseFormat',
    kind: 'text',
    choices: ['bare', 'envelope'],
    default: 'bare',
    meaning:
      'bare, or envelope: every answer of the native API wrapped as {success, status_code, message, data, timestamp}.',
  },
  {
    variable: 'ALLOW_INSECURE_COOKIES',
    option: 'http.allowInsecureCookies',
    kind: 'boolean',
    default: 'false',
    meaning:
      'Allows plain http on other hosts than this machine. The refresh cookie can then be read on the way.',
  },
  {
    variable: 'CLEAR_SITE_DATA',
    option: 'http.clearSiteData',
    kind: 'boolean',
    default: 'false',
    meaning: 'Signing out tells the browser to forget what it keeps of this origin.',
  },
  {
    variable: 'TRUSTED_PROXIES',
    option: 'http.trustedProxies',
    kind: 'list',
    example: '10.0.0.0/8',
    default: '',
    meaning:
      'Addresses or ranges (CIDR) of your proxies, comma separated: their X-Forwarded-For is believed. Without them the address of the connection counts.',
  },
  {
    variable: 'ALLOWED_ADDRESSES',
    option: 'http.allowedAddresses',
    kind: 'list',
    default: '',
    meaning: 'Only these addresses or ranges are served. Empty: all.',
  },
  {
    variable: 'DENIED_ADDRESSES',
    option: 'http.deniedAddresses',
    kind: 'list',
    default: '',
    meaning: 'These addresses or ranges are not served.',
  },
  {
    variable: 'ADMIN_ALLOWED_ADDRESSES',
    option: 'http.adminAllowedAddresses',
    kind: 'list',
    default: '',
    meaning: 'Only these may ask for anything under /admin. Empty: all.',
  },
  {
    variable: 'ADMIN_DENIED_ADDRESSES',
    option: 'http.adminDeniedAddresses',
    kind: 'list',
    default: '',
    meaning: 'These may not.',
  },
  {
    variable: 'RATE_LIMIT_REQUESTS',
    option: 'limits.requests',
    kind: 'number',
    range: [0, 1_000_000_000],
    default: '600',
    meaning:
      'Requests of all kinds that one address may make in one window, health checks apart. 0 limits nothing.',
  },
  {
    variable: 'RATE_LIMIT_WINDOW',
    option: 'limits.window',
    kind: 'number',
    range: [1, 3600],
    suffix: 's',
    default: '60',
    meaning: 'Length of that window in seconds, 1 to 3600.',
  },
  {
    variable: 'RATE_LIMIT_LOGIN',
    option: 'limits.login',
    kind: 'number',
    range: [0, 1_000_000_000],
    default: '5',
    meaning:
      'Logins of one address in a minute; a known device has a count of its own. 0 limits nothing.',
  },
  {
    variable: 'RATE_LIMIT_REGISTER',
    option: 'limits.register',
    kind: 'number',
    range: [0, 1_000_000_000],
    default: '5',
    meaning: 'Registrations of one address in a minute. 0 limits nothing.',
  },
  {
    variable: 'RATE_LIMIT_REFRESH',
    option: 'limits.refresh',
    kind: 'number',
    range: [0, 1_000_000_000],
    default: '300',
    meaning: 'Refreshes of one address in a minute. 0 limits nothing.',
  },
  {
    variable: 'LOCK_AFTER_FAILURES',
    option: 'locks.afterFailures',
    kind: 'number',
    range: [3, 1_000_000],
    default: '10',
    meaning:
      'Wrong passwords after which an address is locked out of an account; five times as many lock the account for strangers, or the address. 3 to 1000000.',
  },
  {
    variable: 'LOCK_MINUTES',
    option: 'locks.duration',
    kind: 'number',
    range: [1, 1440],
    suffix: 'm',
    default: '15',
    meaning: 'How long the first lock lasts, 1 to 1440. It ends by itself.',
  },
  {
    variable: 'OAUTH_CLIENTS',
    option: 'clients',
    kind: 'clients',
    default: '',
    meaning:
      'Services that may ask what a token is worth (/oauth/introspect) and end its session (/oauth/revoke): id:secret, comma separated, each secret at least 32 random bytes.',
    secret: true,
  },
  {
    variable: 'ENUMERATION',
    option: 'enumeration',
    kind: 'text',
    choices: ['open', 'private'],
    default: 'open',
    meaning: 'private: registration answers the same whether an address has an account or not.',
  },
  {
    variable: 'CLOCK_SOURCE',
    option: 'clockSource',
    kind: 'text',
    choices: ['store', 'machine'],
    default: 'store',
    meaning:
      'store: where the clock of the database differs, all instances follow it. machine: only the clock here counts.',
  },
  {
    variable: 'MAX_REQUEST_BODY_SIZE',
    option: 'http.maxBodyBytes',
    kind: 'number',
    range: [1024, 1_048_576],
    default: '10240',
    meaning: 'Largest body in bytes, 1024 to 1048576.',
  },
  {
    variable: 'WORKERS',
    option: 'workers',
    kind: 'text',
    default: '1',
    meaning:
      'How many processes serve on the port: 1 to 64, or auto for as many as cores. docs/guides/workers.md tells more.',
    example: 'auto',
    fault: (text) =>
      text === 'auto' || /^(?:[1-9]|[1-5]\d|6[0-4])$/.test(text)
        ? undefined
        : 'must be a whole number from 1 to 64, or auto',
    value: (text) => (text === 'auto' ? availableParallelism() : Number(text)),
  },
  {
    variable: 'MAX_CONNECTIONS',
    option: 'maxConnections',
    kind: 'number',
    range: [16, 1_000_000],
    default: '2048',
    meaning:
      'Most connections at a time, 16 to 1000000; more are turned away. Each takes a file descriptor.',
  },
  {
    variable: 'METRICS_PORT',
    option: 'metricsPort',
    kind: 'number',
    range: [0, 65_535],
    default: '',
    meaning:
      'Port at which GET /metrics tells how busy this server is, for Prometheus. Not set: nobody counts, and nobody is told. 0 takes a free one.',
    example: '9464',
  },
  {
    variable: 'METRICS_HOST',
    option: 'metricsHost',
    kind: 'text',
    default: '127.0.0.1',
    meaning:
      'Address to listen on for METRICS_PORT. Whoever reaches it may read the figures, so not one that strangers reach.',
  },
  {
    variable: 'SHUTDOWN_DELAY',
    option: 'shutdownDelay',
    kind: 'number',
    range: [0, 60],
    default: '0',
    meaning:
      'Seconds between being told to end and doing so, 0 to 60. Meanwhile everything is answered and /health/ready says 503, so that a balancer looks elsewhere.',
  },
  {
    variable: 'DOCS',
    option: 'docs',
    kind: 'boolean',
    default: 'true in development',
    meaning: 'Serves /docs, /redoc, /openapi.json and /test-login.',
  },
  {
    variable: 'LOG_LEVEL',
    option: 'logLevel',
    kind: 'text',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    meaning: 'debug, info, warn, error or silent.',
  },
  {
    variable: 'LOG_FORMAT',
    option: 'logFormat',
    kind: 'text',
    choices: ['pretty', 'json'],
    default: 'pretty on a terminal, else json',
    meaning: 'pretty or json.',
  },
  {
    variable: 'AUTH_PROFILE',
    option: 'profile',
    kind: 'text',
    choices: profileNames,
    default: 'native',
    meaning:
      'The contract that is spoken: native, or that of one of the services latchkey replaces. docs/guides/profiles.md tells more.',
  },
  {
    variable: 'FRONTEND_URL',
    option: 'frontendUrl',
    kind: 'text',
    default: '',
    meaning:
      'The page that browsers come back to from a login provider where nobody asks for another. In the profile envelope: whose pages may call.',
    example: 'https://app.example.com/signed-in',
    fault: pageFault,
  },
  {
    variable: 'RETURN_URLS',
    option: 'oauth.returnUrls',
    kind: 'list',
    default: '',
    meaning:
      'Other pages that browsers may come back to, exact to the last character, comma separated. https in production.',
    example: 'https://app.example.com/signed-in',
    fault: (text) => text.split(',').map(pageFault).find(Boolean),
  },
  {
    variable: 'OAUTH_KEEP_TOKENS',
    option: 'oauth.keepTokens',
    kind: 'boolean',
    default: 'false',
    meaning: 'Keeps the tokens that login providers give to us, sealed, for your own calls there.',
  },
  {
    variable: 'OAUTH_QUEUE',
    option: 'oauth.queue',
    kind: 'number',
    range: [0, 10_000],
    default: '100',
    meaning:
      'How many calls to each login provider may wait while ten are under way, before sign-ins get 503.',
  },
  {
    variable: 'OAUTH_STAND_IN_URL',
    option: 'oauth.standIn',
    kind: 'text',
    default: '',
    meaning:
      'For development only: the origin at which stand-ins for all login providers answer (latchkey/testing).',
    example: 'http://localhost:9000',
  },
  ...providerRows,
  {
    variable: 'LEGACY_UNTIL',
    option: 'legacy.until',
    kind: 'instant',
    default: '',
    meaning:
      'Until then, a day or an instant, tokens of the service that latchkey has replaced are honoured: access tokens as they are, each refresh token for one new session.',
    example: '2026-12-31',
  },
  {
    variable: 'LEGACY_PROFILE',
    option: 'legacy.profile',
    kind: 'text',
    choices: profileNames.filter((name) => name !== 'native'),
    default: 'AUTH_PROFILE',
    meaning: 'Which service that was, where the profile is another.',
    example: 'cookie',
  },
  {
    variable: 'LEGACY_DATABASE_URL',
    option: 'legacyDatabaseUrl',
    kind: 'text',
    default: 'DATABASE_URL',
    meaning: 'Where that service kept its refresh tokens, if elsewhere.',
    secret: true,
  },
]

/** Names that start so are ours: one that is not in the table is a mistake, most likely in its spelling. */
const ourPrefixes =
  /^(?:LATCHKEY|JWT|ACCESS_TOKEN|REFRESH_TOKEN|SESSION|PASSWORD|ALLOW|ALLOWED|DENIED|TRUSTED|RATE_LIMIT|LOCK_AFTER|ADMIN_ALLOWED|ADMIN_DENIED|MAX_REQUEST|AUTH|OIDC)_/

/** Names that start so may be anybody's (ADMIN_PASSWORD, LOCK_FILE): only what is nearly one of ours is a mistake. */
const sharedPrefixes =
  /^(?:ADMIN|LOCK|TRUST|DENY|CLEAR|OAUTH|FRONTEND|RETURN|METRICS)_|^ENUM|^(?:GOOGLE|FACEBOOK|GITHUB|MICROSOFT|GITLAB|DISCORD|LINKEDIN|APPLE)_(?:CLIENT|TENANT|ISSUER|TEAM|KEY|PRIVATE)_?/

/** Set by desktops, by `pass`, by other frameworks, and by Kubernetes for a service called latchkey, session or auth. */
const othersNames =
  /^SESSION_MANAGER$|^PASSWORD_STORE_|^(?:ALLOWED|TRUSTED)_HOSTS$|_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT_\d+_(?:TCP|UDP)(?:_|$)/
const kubernetesAddress = /^(?:tcp|udp|sctp):\/\//

/** METRICS_PORT is also what Kubernetes sets where a service is called metrics. */
export const isOfKubernetes = (variable: string, value: string): boolean =>
  variable.endsWith('_PORT') && kubernetesAddress.test(value)

/** Whose a name is that is not in the table: ours, perhaps ours, or somebody else's. */
export const ownerOf = (variable: string, value: string): 'ours' | 'perhaps ours' | 'others' => {
  if (othersNames.test(variable) || isOfKubernetes(variable, value)) return 'others'
  if (ourPrefixes.test(variable)) return 'ours'
  return sharedPrefixes.test(variable) ? 'perhaps ours' : 'others'
}

/** The environment of this process. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => process.env

/** What `createAuth` takes, without what only code can give. */
export type AuthSettings = Omit<AuthOptions, 'store'>

export type ServerSettings = {
  host: string
  port: number
  environment: 'development' | 'production'
  databaseUrl: string
  /** How many may wait for it. */
  databaseQueue: number
  /** Where the service that was replaced kept what it knew; in `databaseUrl` when it is not set. */
  legacyDatabaseUrl?: string | undefined
  sessionStore: 'database' | 'redis'
  redisUrl?: string | undefined
  redisAllowVolatile: boolean
  /** How many processes serve. */
  workers: number
  /** Which of them this one is; undefined where there is only one. */
  worker?: { number: number; of: number }
  maxConnections: number
  /** Without it nothing is counted. */
  metricsPort?: number | undefined
  metricsHost: string
  /** In seconds. */
  shutdownDelay: number
  docs: boolean
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  logFormat: 'pretty' | 'json'
  /** Without `baseUrl` when the port is not known yet: PORT=0 and no BASE_URL. */
  auth: AuthSettings
  /** What a settings file of another service leaves open, and was filled in for it. */
  assumed?: readonly ('base_url' | 'root_secret')[]
  /** Names of settings that are accepted and do nothing. */
  idle?: readonly { name: string; because: string }[]
  /** The page that browsers come back to where nobody asks for another; also the first of `auth.oauth.returnUrls`. */
  frontendUrl?: string | undefined
  /** Login providers that are not set up whole, and so are off. */
  providersOff?: readonly { name: string; because: string }[]
  /** Login providers are stand-ins in this process: who can sign in there, and which real ones are left aside. */
  demoProviders?: { origin: string; people: readonly string[]; aside: readonly string[] }
  /** Our name of a setting → what somebody called it, where that is another name. */
  writtenAs?: Readonly<Record<string, string>>
}

/** Whether the contract of a service that was replaced is spoken. */
export const isDialect = ({ profile = 'native' }: Pick<AuthSettings, 'profile'>): boolean =>
  profile !== 'native'
