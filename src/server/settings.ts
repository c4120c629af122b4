import { z } from 'zod'
import { ConfigurationError, type Mistake } from '../errors.js'
import { howToMakeASecret } from '../lib/secret-strength.js'
import { trusted } from '../lib/trusted.js'
import { readOptionsWithoutStore } from '../options.js'
import { isOnServer } from './boot-warnings.js'
import { type AuthSettings, type ServerSettings, settingsTable } from './env.js'
import { settingFault, settingValue } from './setting-values.js'
import { type Given, gatherVariables, type Origin, type SettingsSource } from './variables.js'

export type { SettingsSource, Variables } from './variables.js'

/** Turns variables into settings. Every mistake is collected, none stops the reading. */
export type Inspection = {
  /** Whatever was right, with defaults for the rest; not to be started with while there are mistakes. */
  settings: ServerSettings
  mistakes: readonly Mistake[]
  /** Where each variable that is set was set. */
  origins: ReadonlyMap<string, Origin>
}

const serverSchema = z.object({
  host: z.string().default('127.0.0.1'),
  port: z.number().default(8000),
  environment: z.enum(['development', 'production']).default('development'),
  databaseUrl: z.string().default('sqlite:./data/latchkey.db'),
  sessionStore: z.enum(['database', 'redis']).default('database'),
  redisUrl: z.string().optional(),
  redisAllowVolatile: z.boolean().default(false),
  docs: z.boolean().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  logFormat: z.enum(['pretty', 'json']).optional(),
  profile: z.string().optional(),
})

/** @throws ConfigurationError with every mistake under the name of its variable */
export const readSettings = (source: SettingsSource = {}): ServerSettings => {
  const { settings, mistakes } = inspectSettings(source)
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return settings
}

export const inspectSettings = (source: SettingsSource = {}): Inspection => {
  const mistakes: Mistake[] = []
  const given = gatherVariables(source, mistakes)
  const values = new Map<string, unknown>()
  for (const setting of settingsTable) {
    const entry = given.get(setting.variable)
    if (entry === undefined) continue
    const detail = settingFault(setting, entry.text)
    if (detail === undefined) values.set(setting.option, settingValue(setting, entry.text))
    else mistakes.push({ option: entry.name, detail })
  }
  const {
    docs,
    logFormat,
    profile: _profile,
    ...server
  } = serverSchema.parse(Object.fromEntries(values))
  const settings: ServerSettings = {
    ...server,
    docs: docs ?? server.environment === 'development',
    logFormat: logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    auth: authSettings(values, server.port),
  }
  mistakes.push(...contradictions(given, settings), ...optionMistakes(settings.auth, given))
  return {
    settings,
    mistakes: withoutRepetition(mistakes),
    origins: new Map([...given].map(([variable, { origin }]) => [variable, origin])),
  }
}

/** The mistakes of options under the names of the variables they came from. */
export const nameVariables = (mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map(({ option, detail }) => ({ option: variableOf(option), detail }))

const variableOf = (option: string): string =>
  settingsTable.find((setting) => setting.option === (places[option] ?? option))?.variable ?? option

/** A place does not know which setting led to it. */
const places: Readonly<Record<string, string>> = { store: 'databaseUrl', redis: 'redisUrl' }

const authSettings = (values: ReadonlyMap<string, unknown>, port: number): AuthSettings => {
  const auth = nest(values)
  if (auth.baseUrl === undefined && port !== 0) auth.baseUrl = `http://localhost:${port}`
  return auth
}

/** 'tokens.secret' → { tokens: { secret } }, for what belongs to the options of createAuth. */
const nest = (values: ReadonlyMap<string, unknown>): AuthSettings => {
  const options: Record<string, unknown> = {}
  for (const [path, value] of values) {
    if (path in serverSchema.shape) continue
    const [group = '', member] = path.split('.')
    options[group] =
      member === undefined ? value : { ...trusted<object>(options[group] ?? {}), [member]: value }
  }
  return trusted(options)
}

/** What createAuth would refuse, said in the same breath as everything else. */
const optionMistakes = (auth: AuthSettings, given: ReadonlyMap<string, Given>): Mistake[] => {
  try {
    readOptionsWithoutStore(auth)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return nameVariables(error.mistakes).map(({ option, detail }) => ({
      option: given.get(option)?.name ?? option,
      detail,
    }))
  }
}

/** Variables that are right one by one and wrong together. */
const contradictions = (given: ReadonlyMap<string, Given>, settings: ServerSettings): Mistake[] => {
  const { environment, auth, sessionStore } = settings
  const mistakes: Mistake[] = []
  if (sessionStore === 'redis' && !given.has('REDIS_URL')) {
    const detail = 'is redis, and REDIS_URL does not say where that is. Set it, or remove this'
    mistakes.push({ option: 'SESSION_STORE', detail })
  }
  if (sessionStore !== 'redis' && given.has('REDIS_ALLOW_VOLATILE')) {
    const detail =
      'would do nothing: it is about sessions in Redis. Set SESSION_STORE=redis, or remove it'
    mistakes.push({ option: 'REDIS_ALLOW_VOLATILE', detail })
  }
  if (environment === 'production' && !auth.baseUrl?.startsWith('https:')) {
    mistakes.push({
      option: 'BASE_URL',
      detail:
        'must be the public https address when ENVIRONMENT=production, such as https://id.example.com',
    })
  }
  if (environment === 'production' && isOnServer(settings) && auth.secret === undefined) {
    mistakes.push({
      option: 'LATCHKEY_SECRET',
      detail: `is needed when ENVIRONMENT=production and the database is on a server: every instance needs the same. ${howToMakeASecret}`,
    })
  }
  const algorithm = auth.passwords?.hash ?? 'argon2id'
  for (const variable of costsOf[algorithm === 'bcrypt' ? 'argon2id' : 'bcrypt']) {
    if (given.has(variable)) {
      const detail = `would do nothing: PASSWORD_HASH is ${algorithm}. Remove it, or change PASSWORD_HASH`
      mistakes.push({ option: variable, detail })
    }
  }
  const [whole, idle] = ['SESSION_EXPIRE_DAYS', 'REFRESH_TOKEN_EXPIRE_DAYS'].map((variable) =>
    Number(given.get(variable)?.text),
  )
  if (whole !== undefined && idle !== undefined && whole < idle) {
    const detail = `ends sessions before REFRESH_TOKEN_EXPIRE_DAYS (${idle}) can count. Make it ${idle} or more`
    mistakes.push({ option: 'SESSION_EXPIRE_DAYS', detail })
  }
  return mistakes
}

const costsOf = {
  argon2id: ['PASSWORD_HASH_MEMORY_KIB', 'PASSWORD_HASH_PASSES', 'PASSWORD_HASH_PARALLELISM'],
  bcrypt: ['PASSWORD_HASH_COST'],
} as const

/** One sentence a setting and reason: two origins that are both wrong are one mistake. */
const withoutRepetition = (mistakes: readonly Mistake[]): Mistake[] => [
  ...new Map(mistakes.map((mistake) => [`${mistake.option}\0${mistake.detail}`, mistake])).values(),
]
