import { trusted } from './trusted.js'

/** One value for each of some names. */
export const recordOf = <Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Readonly<Record<Name, Value>> =>
  trusted(Object.fromEntries(names.map((name) => [name, make(name)])))
