import type { Mistake } from '../errors.js'
import type { Dialect } from '../profiles/dialect.js'
import { dialects } from '../profiles/dialects.js'
import { asItWroteIt, isOurs, isSecret, itsNames, variableOf } from './dialect-names.js'
import { ownerOf, settingsTable } from './env.js'
import { type Layer, type Origin, textOf } from './layers.js'
import { unspokenBecause } from './login-providers.js'
import { openIdRowOf } from './provider-rows.js'
import type { Choice } from './which-profile.js'

/** Names that look like settings and are none. What is set to nothing does no harm. */
export const strangeNames = (choice: Choice): Mistake[] =>
  writtenIn(choice.layers).flatMap(({ name, text, origin }) => {
    const detail = strangeness({ name, text, origin }, choice)
    return detail === undefined ? [] : [{ option: name, detail }]
  })

export type Idle = { name: string; because: string }

/** Names that do no harm, and nothing else either. */
export const idleNames = ({ dialect, layers, isSaid }: Choice): Idle[] => {
  const found = writtenIn(layers).flatMap(({ name, text }) => {
    const because = unspoken(withoutFile(name), dialect)
    if (because !== undefined) return [{ name, because }]
    const isLeft = isLeftAlone(name, { dialect, isSaid }) && ownerOf(name, text) === 'ours'
    if (!isLeft) return []
    return [{ name, because: `it is a setting of the profile ${ownersOf(name, dialect)}` }]
  })
  return [...new Map(found.map((each) => [each.name, each])).values()]
}

/** Why a setting does nothing where this contract is spoken. */
const unspoken = (name: string, dialect: Dialect): string | undefined => {
  const row = known.get(name) ?? openIdRowOf(name)
  const isItsOwn = itsNames(dialect.settings).has(name)
  return row === undefined || isItsOwn ? undefined : unspokenBecause(row, dialect)
}

type Written = { name: string; text: string; origin: Origin }

const writtenIn = (layers: readonly Layer[]): Written[] =>
  layers.flatMap(({ variables, origin }) =>
    Object.entries(variables).flatMap(([name, value]) => {
      const text = textOf(value)
      return text === undefined ? [] : [{ name, text, origin }]
    }),
  )

const withoutFile = (name: string): string => name.replace(/_FILE$/, '')

/** Who says that the profile is native has seen that there are settings of others. */
const isLeftAlone = (name: string, { dialect, isSaid }: Pick<Choice, 'dialect' | 'isSaid'>) =>
  isSaid && dialect.name === 'native' && ownersOf(name, dialect) !== undefined

const known = new Map(settingsTable.map((setting) => [setting.variable, setting]))

const strangeness = (
  { name, text, origin }: Written,
  { dialect, isSaid }: Choice,
): string | undefined => {
  const base = withoutFile(name)
  if (isOurs(name)) return undefined
  if (asItWroteIt(name, dialect.settings) !== undefined) return undefined
  if (isLeftAlone(name, { dialect, isSaid })) return undefined
  const setting = name === base ? undefined : variableOf(base, dialect.settings)
  if (setting !== undefined)
    return isSecret(setting)
      ? undefined
      : `is not read: only secrets may come from a file. Set ${base} itself`
  const owner = ownerOf(name, text)
  const others = ownersOf(base, dialect)
  const isTold = owner === 'ours' || (origin === 'file' && dialect.name !== 'native')
  if (others !== undefined && isTold) return foreignness(others, dialect)
  const near = owner === 'others' ? undefined : nearestName(base, dialect)
  if (owner !== 'ours' && near === undefined) return undefined
  return near === undefined
    ? 'is not a setting of this version; docs/configuration.md lists all of them. Remove it'
    : `is not a setting of this version; did you mean ${near}?`
}

/** The other profiles that have such a setting. */
const ownersOf = (name: string, { name: profile }: Dialect): string | undefined => {
  const owners = Object.values(dialects).filter(
    (other) => other.name !== profile && itsNames(other.settings).has(name),
  )
  return owners.length === 0 ? undefined : owners.map((other) => other.name).join(' and ')
}

const foreignness = (others: string, { name }: Dialect): string =>
  name === 'native'
    ? `is a setting of the profile ${others}: set AUTH_PROFILE=${others.split(' ')[0]}, or remove it`
    : `is a setting of the profile ${others}, and AUTH_PROFILE is ${name}. Remove it`

/** In a short name a few letters are another word. */
const mostTypos = (name: string): number => Math.min(3, Math.floor(name.length / 4))

const nearestName = (name: string, { settings }: Dialect): string | undefined => {
  const [best] = [...known.keys(), ...itsNames(settings).keys()]
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
