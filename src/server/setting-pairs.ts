import type { Mistake } from '../errors.js'
import { howToMakeASecret } from '../lib/secret-strength.js'
import { isMongoUrl } from '../stores/mongo/driver.js'
import { isRedisUrl } from '../stores/redis/redis-url.js'
import { isDialect, type ServerSettings } from './env.js'
import { isOnServer, isProduction } from './root-secret-file.js'
import type { Given } from './variables.js'
import { isPlainElsewhere } from './web-addresses.js'

/** What was written, and what it came to. */
type Reading = { given: ReadonlyMap<string, Given>; settings: ServerSettings }

/** Variables that are right one by one and wrong together. A new rule is one object more in the list. */
type PairRule = {
  variable: string
  applies(reading: Reading): boolean
  detail: string | ((reading: Reading) => string)
}

export const contradictions = (reading: Reading): Mistake[] => [
  ...rules
    .filter(({ applies }) => applies(reading))
    .map(({ variable, detail }) => ({
      option: variable,
      detail: typeof detail === 'string' ? detail : detail(reading),
    })),
  ...plainIssuers(reading),
]

/** Issuers are as many as their operator names, so the rule for them names what was written. */
const plainIssuers = ({ given, settings }: Reading): Mistake[] =>
  !isProduction(settings)
    ? []
    : [...given].flatMap(([variable, { text }]) =>
        /^(?:GITLAB|OIDC_\w+)_ISSUER$/.test(variable) && /^http:/i.test(text)
          ? [{ option: variable, detail: plainIssuer }]
          : [],
      )

const plainIssuer =
  'must be an https address when ENVIRONMENT=production: over http anybody on the way could say who signs in'

const partsOf = (text: string): string[] => text.split(',').map((part) => part.trim())

const numberOf = ({ given }: Reading, variable: string): number =>
  Number(given.get(variable)?.text ?? Number.NaN)

const wouldDoNothing = (
  variables: readonly string[],
  because: string,
  applies: PairRule['applies'],
): PairRule[] =>
  variables.map((variable) => ({
    variable,
    applies: (reading) => reading.given.has(variable) && applies(reading),
    detail: `would do nothing${because}`,
  }))

const legacyPlace = ({ auth, databaseUrl, redisUrl, legacyDatabaseUrl }: ServerSettings) => {
  const of = auth.legacy && (auth.legacy.profile ?? auth.profile)
  const url = legacyDatabaseUrl ?? (of === 'cookie' ? redisUrl : databaseUrl)
  const isRight = {
    cookie: url === undefined || isRedisUrl(url),
    flat: isMongoUrl(url ?? ''),
    envelope: url !== 'memory' && !isRedisUrl(url ?? '') && !isMongoUrl(url ?? ''),
  }
  const kinds = { cookie: 'Redis, redis://', flat: 'MongoDB, mongodb://', envelope: 'SQL' }
  return of === 'cookie' || of === 'flat' || of === 'envelope'
    ? { isRight: isRight[of], kind: kinds[of], of }
    : { isRight: true, kind: '', of }
}

const rules: readonly PairRule[] = [
  {
    variable: 'LEGACY_DATABASE_URL',
    applies: ({ settings }) => !legacyPlace(settings).isRight,
    detail: ({ settings }) => {
      const { kind, of } = legacyPlace(settings)
      return `must lead to where the service ${of} kept its refresh tokens (${kind})`
    },
  },
  ...wouldDoNothing(
    ['LEGACY_DATABASE_URL'],
    ': tokens of before are honoured with LEGACY_UNTIL only. Set it, or remove this',
    ({ settings }) => settings.auth.legacy?.until === undefined,
  ),
  {
    variable: 'SESSION_STORE',
    applies: ({ given, settings }) => settings.sessionStore === 'redis' && !given.has('REDIS_URL'),
    detail: 'is redis, and REDIS_URL does not say where that is. Set it, or remove this',
  },
  {
    variable: 'WORKERS',
    applies: ({ settings }) => settings.workers > 1 && settings.databaseUrl === 'memory',
    detail:
      'needs a database that all of them can reach: memory belongs to one process. Set DATABASE_URL, or remove this',
  },
  ...wouldDoNothing(
    ['REDIS_ALLOW_VOLATILE'],
    ': it is about sessions in Redis. Set SESSION_STORE=redis, or remove it',
    ({ settings }) => settings.sessionStore !== 'redis',
  ),
  {
    variable: 'METRICS_PORT',
    applies: ({ settings: { port, metricsPort } }) => port !== 0 && port === metricsPort,
    detail: 'is PORT, and metrics have a port of their own. Choose another, such as 9464',
  },
  ...wouldDoNothing(
    ['METRICS_HOST'],
    ': METRICS_PORT is not set. Set it, or remove this',
    ({ settings }) => settings.metricsPort === undefined,
  ),
  {
    variable: 'BASE_URL',
    applies: ({ settings }) =>
      isProduction(settings) &&
      !settings.assumed?.includes('base_url') &&
      !settings.auth.baseUrl?.startsWith('https:'),
    detail:
      'must be the public https address when ENVIRONMENT=production, such as https://id.example.com',
  },
  {
    variable: 'JWT_ISSUER',
    applies: ({ settings }) =>
      isProduction(settings) && /^http:/i.test(settings.auth.tokens?.issuer ?? ''),
    detail:
      'must be an https address when ENVIRONMENT=production: whoever checks tokens may look for the keys there. Remove it to use BASE_URL',
  },
  {
    variable: 'ALLOWED_ORIGINS',
    applies: ({ settings }) =>
      isProduction(settings) && (settings.auth.http?.allowedOrigins ?? []).some(isPlainElsewhere),
    detail:
      'must be https origins when ENVIRONMENT=production: whoever is on the way could change a page that came over http, and call from there',
  },
  {
    variable: 'LATCHKEY_SECRET',
    applies: ({ settings }) =>
      isProduction(settings) && isOnServer(settings) && settings.auth.secret === undefined,
    detail: `is needed when ENVIRONMENT=production and the database is on a server: every instance needs the same. ${howToMakeASecret}`,
  },
  ...wouldDoNothing(
    ['PASSWORD_HASH_MEMORY_KIB', 'PASSWORD_HASH_PASSES', 'PASSWORD_HASH_PARALLELISM'],
    ': PASSWORD_HASH is bcrypt. Remove it, or change PASSWORD_HASH',
    ({ settings }) => settings.auth.passwords?.hash === 'bcrypt',
  ),
  ...wouldDoNothing(
    ['PASSWORD_HASH_COST'],
    ': PASSWORD_HASH is argon2id. Remove it, or change PASSWORD_HASH',
    ({ settings }) => settings.auth.passwords?.hash !== 'bcrypt',
  ),
  {
    variable: 'SESSION_EXPIRE_DAYS',
    applies: (reading) =>
      numberOf(reading, 'SESSION_EXPIRE_DAYS') < numberOf(reading, 'REFRESH_TOKEN_EXPIRE_DAYS'),
    detail: (reading) => {
      const idle = numberOf(reading, 'REFRESH_TOKEN_EXPIRE_DAYS')
      return `ends sessions before REFRESH_TOKEN_EXPIRE_DAYS (${idle}) can count. Make it ${idle} or more`
    },
  },
  ...wouldDoNothing(
    ['REFRESH_TOKEN_GRACE_STRICT'],
    ': REFRESH_TOKEN_GRACE_SECONDS is 0, and there is no repeat to be strict about. Remove one of them',
    ({ settings }) =>
      settings.auth.sessions?.strictGrace === true && settings.auth.sessions.grace === '0s',
  ),
  ...['FRONTEND_URL', 'RETURN_URLS'].map(
    (variable): PairRule => ({
      variable,
      applies: ({ given, settings }) =>
        isProduction(settings) &&
        !isDialect(settings.auth) &&
        partsOf(given.get(variable)?.text ?? '').some(isPlainElsewhere),
      detail:
        'must be https when ENVIRONMENT=production: whoever is on the way could change a page that came over http, and be signed in there',
    }),
  ),
  {
    variable: 'OAUTH_STAND_IN_URL',
    applies: ({ given, settings }) => given.has('OAUTH_STAND_IN_URL') && isProduction(settings),
    detail:
      'is for development only: whoever reaches a stand-in signs in as anybody. Remove it when ENVIRONMENT=production',
  },
  ...wouldDoNothing(
    ['RATE_LIMIT_WINDOW'],
    ': RATE_LIMIT_REQUESTS is 0, and it is its window. Remove one of them',
    ({ settings }) => settings.auth.limits?.requests === 0,
  ),
]
