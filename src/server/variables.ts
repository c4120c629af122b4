import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Mistake } from '../errors.js'
import { laterSettings, ownerOf, processEnvironment, settingsTable } from './env.js'

/** Variables: what was set, and where. The command line wins over the environment, and that over the file. */
export type Variables = Readonly<Record<string, string | undefined>>

export type SettingsSource = {
  /** Default: the process environment. */
  environment?: Variables
  /** A file of NAME=value lines. Default: .env, if it is there. The environment wins over it. */
  envFile?: string | undefined
  /** Values that win over both, by variable name: those of the command line. */
  overrides?: Variables
}

export type Origin = 'command line' | 'environment' | 'file'
type Layer = { origin: Origin; variables: Variables }

/** A setting as somebody wrote it. `name` is what they called it: PORT, --port, PORT_FILE. */
export type Given = { name: string; text: string; origin: Origin }

/** Everything that is set, by variable; empty texts count as not set. */
export const gatherVariables = (
  source: SettingsSource,
  mistakes: Mistake[],
): ReadonlyMap<string, Given> => {
  const layers: Layer[] = [
    { origin: 'command line', variables: source.overrides ?? {} },
    { origin: 'environment', variables: source.environment ?? processEnvironment() },
    { origin: 'file', variables: readEnvFile(source.envFile, mistakes) },
  ]
  for (const { variables } of layers) mistakes.push(...strangeNames(variables))

  const given = new Map<string, Given>()
  for (const { variable, secret = false } of settingsTable) {
    for (const layer of layers) {
      const found = lookUp(layer, { variable, secret }, mistakes)
      if (found === undefined) continue
      given.set(variable, found)
      break
    }
  }
  return given
}

const readEnvFile = (envFile: string | undefined, mistakes: Mistake[]): Variables => {
  try {
    const text = readFileSync(envFile ?? '.env', 'utf8')
    return parseEnv(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (envFile !== undefined || !isMissing) {
      const detail = isMissing ? `there is no file ${envFile}` : 'cannot be read as a file'
      mistakes.push({ option: envFile === undefined ? '.env' : '--env-file', detail })
    }
    return {}
  }
}

const lookUp = (
  { origin, variables }: Layer,
  { variable, secret }: { variable: string; secret: boolean },
  mistakes: Mistake[],
): Given | undefined => {
  const direct = textOf(variables[variable])
  const file = secret ? textOf(variables[`${variable}_FILE`]) : undefined
  if (direct !== undefined && file !== undefined)
    mistakes.push({ option: variable, detail: `is set twice: remove it or ${variable}_FILE` })
  if (direct !== undefined) {
    const name = origin === 'command line' ? `--${variable.toLowerCase()}` : variable
    return { name, text: direct, origin }
  }
  if (file === undefined) return undefined
  const text = readSecretFile(file, `${variable}_FILE`, mistakes)
  return text === undefined ? undefined : { name: `${variable}_FILE`, text, origin }
}

const textOf = (value: string | undefined): string | undefined => value?.trim() || undefined

/** NAME_FILE names a file that holds the value, as container platforms hand over secrets. */
const readSecretFile = (file: string, name: string, mistakes: Mistake[]): string | undefined => {
  try {
    const text = textOf(readFileSync(file, 'utf8'))
    if (text === undefined) mistakes.push({ option: name, detail: `the file ${file} is empty` })
    return text
  } catch {
    mistakes.push({ option: name, detail: `the file ${file} cannot be read` })
    return undefined
  }
}

const known = new Map(settingsTable.map((setting) => [setting.variable, setting]))

/** Names that look like settings and are none. What is set to nothing does no harm. */
const strangeNames = (variables: Variables): Mistake[] =>
  Object.entries(variables).flatMap(([name, value]) => {
    const text = textOf(value)
    const detail = text === undefined ? undefined : strangeness(name, text)
    return detail === undefined ? [] : [{ option: name, detail }]
  })

const strangeness = (name: string, text: string): string | undefined => {
  if (known.has(name)) return undefined
  const base = name.replace(/_FILE$/, '')
  const later = laterSettings.find(({ names }) => names.test(base))
  if (later !== undefined) return `is not in this release: ${later.instead}. Remove it`
  const setting = name === base ? undefined : known.get(base)
  if (setting?.secret) return undefined
  if (setting !== undefined)
    return `is not read: only secrets may come from a file. Set ${base} itself`
  const owner = ownerOf(name, text)
  const near = owner === 'others' ? undefined : nearestName(base)
  if (owner !== 'ours' && near === undefined) return undefined
  return near === undefined
    ? 'is not a setting of this version; docs/configuration.md lists all of them. Remove it'
    : `is not a setting of this version; did you mean ${near}?`
}

/** In a short name a few letters are another word. */
const mostTypos = (name: string): number => Math.min(3, Math.floor(name.length / 4))

const nearestName = (name: string): string | undefined => {
  const [best] = [...known.keys()]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= mostTypos(name) ? best.candidate : undefined
}

/** How many letters have to be added, removed or replaced (Levenshtein). */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
