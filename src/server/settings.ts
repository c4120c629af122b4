import { z } from 'zod'
import { ConfigurationError, type Mistake } from '../errors.js'
import { howToMakeASecret } from '../lib/secret-strength.js'
import { trusted } from '../lib/trusted.js'
import { readOptionsWithoutStore } from '../options.js'
import type { Dialect } from '../profiles/dialect.js'
import { withAssumptions } from './assumptions.js'
import { itsNameOf, tableOf } from './dialect-names.js'
import { sampleFault } from './dialect-variables.js'
import { type AuthSettings, type ServerSettings, settingsTable } from './env.js'
import { assembleProviders, oauthOf, unspokenBecause } from './login-providers.js'
import { openIdRowsFor, openIdVariableOf, rowPath } from './provider-rows.js'
import type { Setting } from './setting.js'
import { contradictions } from './setting-pairs.js'
import { settingFault, settingValue } from './setting-values.js'
import { type Given, gatherVariables, type Origin, type SettingsSource } from './variables.js'

export type { SettingsSource, Variables } from './variables.js'

/** Turns variables into settings. Every mistake is collected, none stops the reading. */
export type Inspection = {
  /** Whatever was right, with defaults for the rest; not to be started with while there are mistakes. */
  settings: ServerSettings
  mistakes: readonly Mistake[]
  /** Every setting there is, in order, also those of providers that somebody named. */
  table: readonly Setting[]
  /** What was said, by option. */
  values: ReadonlyMap<string, unknown>
  /** Where each variable that is set was set. */
  origins: ReadonlyMap<string, Origin>
  /** The files that were read. */
  files: readonly string[]
}

const serverSchema = z.object({
  host: z.string().default('127.0.0.1'),
  port: z.number().default(8000),
  environment: z.enum(['development', 'production']).default('development'),
  frontendUrl: z.string().optional(),
  databaseUrl: z.string().default('sqlite:./data/latchkey.db'),
  databaseQueue: z.number().default(1000),
  legacyDatabaseUrl: z.string().optional(),
  sessionStore: z.enum(['database', 'redis']).default('database'),
  redisUrl: z.string().optional(),
  redisAllowVolatile: z.boolean().default(false),
  workers: z.number().default(1),
  maxConnections: z.number().default(2048),
  metricsPort: z.number().optional(),
  metricsHost: z.string().default('127.0.0.1'),
  shutdownDelay: z.number().default(0),
  docs: z.boolean().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  logFormat: z.enum(['pretty', 'json']).optional(),
})

/** @throws ConfigurationError with every mistake under the name of its variable */
export const readSettings = (source: SettingsSource = {}): ServerSettings => {
  const { settings, mistakes } = inspectSettings(source)
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return settings
}

export const inspectSettings = (source: SettingsSource = {}): Inspection => {
  const mistakes: Mistake[] = []
  const { dialect, given, defaults, idle, files } = gatherVariables(source, mistakes)
  const values = new Map<string, unknown>()
  const openId = openIdRowsFor([...given.keys()])
  const table = [
    ...tableOf(dialect),
    ...openId.filter((row) => unspokenBecause(row, dialect) === undefined),
  ]
  for (const setting of table) {
    const entry = given.get(setting.variable)
    const text = entry?.text ?? defaults.get(setting.variable)
    if (text === undefined) continue
    const detail = settingFault(setting, text)
    if (detail === undefined) values.set(setting.option, settingValue(setting, text))
    else mistakes.push({ option: entry?.name ?? setting.variable, detail })
  }
  const { docs, logFormat, ...server } = serverSchema.parse(Object.fromEntries(values))
  const assembled = assembleProviders({ rows: table, values })
  mistakes.push(...assembled.mistakes)
  const auth = nest(values)
  const settings = withAssumptions(dialect, {
    ...server,
    docs: docs ?? server.environment === 'development',
    logFormat: logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    auth: { ...auth, oauth: oauthOf(auth, assembled.providers, server.frontendUrl) },
    ...(assembled.off.length > 0 && { providersOff: assembled.off }),
    ...(idle.length > 0 && { idle }),
    writtenAs: writtenAs(given),
  })
  const found = [...contradictions({ given, settings }), ...optionMistakes(settings.auth)]
  mistakes.push(...inWordsOf(dialect, given, found))
  return {
    settings,
    mistakes: withoutRepetition(mistakes),
    table,
    values,
    origins: new Map([...given].map(([variable, { origin }]) => [variable, origin])),
    files,
  }
}

/** What somebody called a setting that has another name here. */
const writtenAs = (given: ReadonlyMap<string, Given>): Record<string, string> =>
  Object.fromEntries(
    [...given].flatMap(([variable, { name, origin }]) =>
      name === variable || origin === 'command line' ? [] : [[variable, name]],
    ),
  )

/** The mistakes of options under the names of the variables they came from. */
export const nameVariables = (mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map(({ option, detail }) => ({ option: variableOf(option), detail }))

const variableOf = (option: string): string => {
  const path = places[option] ?? option
  const found =
    settingsTable.find((setting) => setting.option === path) ??
    // a member of what one variable holds a list of
    settingsTable.find((setting) => path.startsWith(`${setting.option}.`))
  return found?.variable ?? openIdVariableOf(path) ?? option
}

/** A place does not know which setting led to it. */
const places: Readonly<Record<string, string>> = { store: 'databaseUrl', redis: 'redisUrl' }

/** 'tokens.secret' → { tokens: { secret } }, for what belongs to the options of createAuth. */
const nest = (values: ReadonlyMap<string, unknown>): AuthSettings => {
  const options: Record<string, unknown> = {}
  for (const [path, value] of values) {
    if (path in serverSchema.shape || path.startsWith(rowPath)) continue
    const [group = '', member] = path.split('.')
    options[group] =
      member === undefined ? value : { ...trusted<object>(options[group] ?? {}), [member]: value }
  }
  return trusted(options)
}

/** What createAuth would refuse, said in the same breath as everything else. */
const optionMistakes = (auth: AuthSettings): Mistake[] => {
  try {
    readOptionsWithoutStore(auth)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return nameVariables(error.mistakes)
  }
}

/** Under the names that somebody wrote, or would have to write, in sentences they know. */
const inWordsOf = (
  { settings: { names, needed, ...settings } }: Dialect,
  given: ReadonlyMap<string, Given>,
  mistakes: readonly Mistake[],
): Mistake[] =>
  mistakes.map(({ option, detail }) => {
    const entry = given.get(option)
    const name = entry?.name ?? itsNameOf(option, { names, ...settings }) ?? option
    const need = needed?.[option]
    const isNeeded = need !== undefined && (entry?.text.length ?? 0) < need.leastCharacters
    if (isNeeded) return { option: name, detail: `${need.sentence}. ${howToMakeASecret}` }
    const sample = entry && sampleFault(option, entry.text, { names, ...settings })
    return { option: name, detail: sample ?? detail }
  })

/** One sentence a setting and reason: two origins that are both wrong are one mistake. */
const withoutRepetition = (mistakes: readonly Mistake[]): Mistake[] => [
  ...new Map(mistakes.map((mistake) => [`${mistake.option}\0${mistake.detail}`, mistake])).values(),
]
