import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { ConfigurationError, type Mistake } from '../errors.js'
import { trusted } from '../lib/trusted.js'
import type { AuthOptions } from '../options.js'
import {
  isOurs,
  processEnvironment,
  type ServerSettings,
  type Setting,
  settingsTable,
} from './env.js'

/** Turns variables into settings. Every mistake is collected, none stops the reading. */
export type Variables = Readonly<Record<string, string | undefined>>

export type SettingsSource = {
  /** Default: the process environment. */
  environment?: Variables
  /** A file of NAME=value lines. Default: .env, if it is there. The environment wins over it. */
  envFile?: string | undefined
  /** Values that win over both, by variable name: those of the command line. */
  overrides?: Variables
}

const serverSchema = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8000),
  environment: z.enum(['development', 'production']).default('development'),
  databaseUrl: z.string().min(1).default('sqlite:./data/latchkey.db'),
  docs: z.boolean().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  logFormat: z.enum(['pretty', 'json']).optional(),
  profile: z.literal('native').default('native'),
})

/** @throws ConfigurationError with what could not be read; createAuth checks the values of the options */
export const readSettings = (source: SettingsSource = {}): ServerSettings => {
  const mistakes: Mistake[] = []
  const variables = withFiles(gather(source, mistakes), mistakes)
  const values = new Map<string, unknown>()
  for (const setting of settingsTable) {
    const text = variables[setting.variable]
    if (text === undefined || text === '') continue
    const value = parse(setting, text)
    if (value === undefined)
      mistakes.push({ option: setting.variable, detail: `must be a ${setting.kind}` })
    else values.set(setting.option, value)
  }
  const server = serverSchema.safeParse(Object.fromEntries(values))
  for (const issue of server.error?.issues ?? []) mistakes.push(mistakeOf(issue))
  if (!server.success) throw new ConfigurationError(mistakes)

  const { host, port, environment, databaseUrl, docs, logLevel, logFormat } = server.data
  const auth = nest(values)
  auth.baseUrl ??= `http://localhost:${port}`
  if (environment === 'production' && !auth.baseUrl.startsWith('https:')) {
    mistakes.push({
      option: 'BASE_URL',
      detail:
        'must be the public https address when ENVIRONMENT=production, such as https://id.example.com',
    })
  }
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return {
    host,
    port,
    environment,
    databaseUrl,
    docs: docs ?? environment === 'development',
    logLevel,
    logFormat: logFormat ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    auth,
  }
}

/** The mistakes of options under the names of the variables they came from. */
export const nameVariables = (mistakes: readonly Mistake[]): Mistake[] =>
  mistakes.map(({ option, detail }) => ({
    option: variableOf(option === 'store' ? 'databaseUrl' : option),
    detail,
  }))

const variableOf = (option: string): string =>
  settingsTable.find((setting) => setting.option === option)?.variable ?? option

const gather = (
  { environment, envFile, overrides }: SettingsSource,
  mistakes: Mistake[],
): Variables => {
  const file = envFile ?? '.env'
  if (envFile !== undefined && !existsSync(envFile)) {
    mistakes.push({ option: '--env-file', detail: `there is no file ${envFile}` })
  }
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const surroundings = environment ?? processEnvironment()
  const present = Object.fromEntries(
    Object.entries(surroundings).filter(([, value]) => value !== undefined),
  )
  const all: Variables = { ...fromFile, ...present, ...withoutUndefined(overrides ?? {}) }
  for (const name of Object.keys(all)) if (!isKnown(name)) mistakes.push(unknownSetting(name))
  return all
}

const withoutUndefined = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))

const isKnown = (name: string): boolean =>
  !isOurs(name) ||
  settingsTable.some(({ variable }) => name === variable || name === `${variable}_FILE`)

const unknownSetting = (name: string): Mistake => ({
  option: name,
  detail:
    'is not a setting of this version; see docs/configuration.md for all of them, or remove it',
})

/** NAME_FILE names a file that holds the value, as container platforms hand over secrets. */
const withFiles = (variables: Variables, mistakes: Mistake[]): Variables => {
  const result: Record<string, string | undefined> = { ...variables }
  for (const { variable, secret } of settingsTable) {
    const file = variables[`${variable}_FILE`]
    if (!secret || !file) continue
    if (variables[variable]) {
      mistakes.push({ option: variable, detail: `is set twice: remove it or ${variable}_FILE` })
    }
    try {
      result[variable] = readFileSync(file, 'utf8').trim()
    } catch {
      mistakes.push({ option: `${variable}_FILE`, detail: `the file ${file} cannot be read` })
    }
  }
  return result
}

const parse = ({ kind, suffix = '' }: Setting, text: string): unknown => {
  const value = text.trim()
  if (kind === 'boolean') return booleans[value.toLowerCase()]
  if (kind === 'list')
    return value
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)
  if (kind === 'text') return value
  if (!/^-?\d{1,10}$/.test(value)) return undefined
  return suffix ? `${value}${suffix}` : Number(value)
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  false: false,
  '0': false,
  no: false,
}

const mistakeOf = (issue: z.core.$ZodIssue): Mistake => {
  const option = variableOf(issue.path.join('.'))
  if (issue.code === 'invalid_value')
    return { option, detail: `must be one of: ${issue.values.join(', ')}` }
  return {
    option,
    detail:
      option === 'PORT' ? 'must be a port from 0 to 65535' : 'is not a value that can be used here',
  }
}

/** 'tokens.secret' → { tokens: { secret } }, for what belongs to the options of createAuth. */
const nest = (values: ReadonlyMap<string, unknown>): Omit<AuthOptions, 'store'> => {
  const options: Record<string, unknown> = {}
  for (const [path, value] of values) {
    if (path in serverSchema.shape) continue
    const [group = '', member] = path.split('.')
    options[group] =
      member === undefined ? value : { ...trusted<object>(options[group] ?? {}), [member]: value }
  }
  return trusted(options)
}
