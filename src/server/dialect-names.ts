import type { Dialect, DialectSettings } from '../profiles/dialect.js'
import { type Setting, settingsTable } from './env.js'
import { unspokenBecause } from './login-providers.js'
import { openIdRowOf } from './provider-rows.js'

/** Settings under the names of the service that a profile stands for. */
export const tableOf = (dialect: Dialect): readonly Setting[] => {
  const { options, settings } = dialect
  const algorithm = options.tokens?.algorithm
  const its = itsNames(settings)
  // what it calls by a name of ours means what it meant there
  return settingsTable
    .filter((row) => !its.has(row.variable) && unspokenBecause(row, dialect) === undefined)
    .map((setting) => {
      const range = settings.ranges?.[setting.variable]
      return {
        ...setting,
        ...(range && { range }),
        ...(algorithm && setting.variable === 'JWT_ALGORITHM' && { choices: [algorithm] }),
      }
    })
}

/** What the service called this setting, where it had a name of its own. */
export const itsNameOf = (variable: string, { names }: DialectSettings): string | undefined =>
  Object.keys(names).find((name) => names[name] === variable)

/** Every name it read, with the variables of ours that stand on it. */
export const itsNames = ({ names, made = [] }: DialectSettings): ReadonlyMap<string, string> =>
  new Map([
    ...Object.entries(names),
    ...made.flatMap(({ of, variable }) => of.map((name) => [name, variable] as const)),
  ])

/** Its name that somebody may have written in another case. */
export const asItWroteIt = (written: string, settings: DialectSettings): string | undefined => {
  const names = itsNames(settings)
  if (names.has(written) || !settings.anyCase) return names.has(written) ? written : undefined
  return isOurs(written)
    ? undefined
    : [...names.keys()].find((name) => name.toLowerCase() === written.toLowerCase())
}

const ourNames = new Set(settingsTable.map(({ variable }) => variable))

/** Whether it is a setting, also one of a provider that somebody named. */
export const isOurs = (variable: string): boolean =>
  ourNames.has(variable) || openIdRowOf(variable) !== undefined

/** The variable of ours that a name stands for. */
export const variableOf = (written: string, settings: DialectSettings): string | undefined => {
  if (isOurs(written)) return written
  const name = asItWroteIt(written, settings)
  return name === undefined ? undefined : itsNames(settings).get(name)
}

/** What may come from a file, and is never shown. */
export const isSecret = (variable: string): boolean =>
  secrets.has(variable) || openIdRowOf(variable)?.secret === true

const secrets = new Set(
  settingsTable.filter(({ secret }) => secret).map(({ variable }) => variable),
)
