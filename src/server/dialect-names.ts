import type { Dialect, DialectSettings } from '../profiles/dialect.js'
import { type Setting, settingsTable } from './env.js'

/** Settings under the names of the service that a profile stands for. */
export const tableOf = ({ options, settings }: Dialect): readonly Setting[] => {
  const algorithm = options.tokens?.algorithm
  return settingsTable.map((setting) => {
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
  return ourNames.has(written)
    ? undefined
    : [...names.keys()].find((name) => name.toLowerCase() === written.toLowerCase())
}

const ourNames = new Set(settingsTable.map(({ variable }) => variable))

/** The variable of ours that a name stands for. */
export const variableOf = (written: string, settings: DialectSettings): string | undefined => {
  if (ourNames.has(written)) return written
  const name = asItWroteIt(written, settings)
  return name === undefined ? undefined : itsNames(settings).get(name)
}

/** What may come from a file, and is never shown. */
export const isSecret = (variable: string): boolean => secrets.has(variable)

const secrets = new Set(
  settingsTable.filter(({ secret }) => secret).map(({ variable }) => variable),
)
