import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Mistake } from '../errors.js'
import type { ProfileName } from '../profiles/dialect.js'
import { dialects } from '../profiles/dialects.js'
import { processEnvironment } from './env.js'

/** Places where something can be set. The command line wins over the environment, and that over files. */
export type Variables = Readonly<Record<string, string | undefined>>

export type SettingsSource = {
  /** Default: the process environment. */
  environment?: Variables
  /** A file of NAME=value lines. Default: .env, if it is there, and what the profile has besides. */
  envFile?: string | undefined
  /** Where those are that are not named. Default: the folder of the process */
  folder?: string
  /** Values that win over both, by variable name: those of the command line. */
  overrides?: Variables
}

export type Origin = 'command line' | 'environment' | 'file'

export type Layer = {
  origin: Origin
  variables: Variables
  /** Where it is a file. */
  file?: string
  /** The only profile that reads it. */
  profile?: ProfileName
}

/** Everything that may hold settings, the strongest first. */
export const readLayers = (source: SettingsSource, mistakes: Mistake[]): Layer[] => {
  const { overrides = {}, environment = processEnvironment(), envFile, folder = '' } = source
  const layers: Layer[] = [
    { origin: 'command line', variables: overrides },
    { origin: 'environment', variables: environment },
  ]
  if (envFile !== undefined) {
    const detail = `there is no file ${envFile}`
    return [...layers, ...readFile(envFile, (fault) => say(mistakes, '--env-file', fault, detail))]
  }
  return [
    ...layers,
    ...readFile(join(folder, '.env'), (fault) => say(mistakes, '.env', fault)),
    ...Object.values(dialects).flatMap(({ name, settings: { file } }) =>
      file === undefined
        ? []
        : readFile(join(folder, file), ignore).map((layer) => ({ ...layer, profile: name })),
    ),
  ]
}

type Fault = 'missing' | 'unreadable'

const readFile = (file: string, tell: (fault: Fault) => void): Layer[] => {
  try {
    const text = readFileSync(file, 'utf8')
    const variables = parseEnv(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'))
    return [{ origin: 'file', variables, file }]
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    tell(isMissing ? 'missing' : 'unreadable')
    return []
  }
}

/** A file that nobody named need not be there. */
const say = (mistakes: Mistake[], option: string, fault: Fault, absence?: string): void => {
  const detail = fault === 'missing' ? absence : 'cannot be read as a file'
  if (detail !== undefined) mistakes.push({ option, detail })
}

/** A name such as config.env may be anybody's. */
const ignore = (): void => undefined

/** What is set to nothing is not set. */
export const textOf = (value: string | undefined): string | undefined => value?.trim() || undefined
