import type { Mistake } from '../errors.js'
import { howToMakeASecret } from '../lib/secret-strength.js'
import type { Dialect, DialectSettings, MadeSetting } from '../profiles/dialect.js'
import { asItWroteIt, isSecret } from './dialect-names.js'
import { type Layer, type Origin, textOf } from './layers.js'
import { type Given, lookUp } from './look-up.js'

type Said = {
  given: ReadonlyMap<string, Given>
  /** What holds where nobody says anything, and depends on other settings. */
  defaults: ReadonlyMap<string, string>
}

/**
 * What is said in its names, by our variables. Where ours is set, too, ours wins; both in one place are a mistake.
 *
 * @param ours what is set in our names
 */
export const gatherItsVariables = (
  layers: readonly Layer[],
  { settings }: Dialect,
  { ours, mistakes }: { ours: ReadonlyMap<string, Given>; mistakes: Mistake[] },
): Said => {
  const given = new Map<string, Given>()
  const defaults = new Map<string, string>()
  const isProduction = ours.get('ENVIRONMENT')?.text === 'production'
  for (const making of makingsOf(settings)) {
    const { variable, of } = making
    const own = ours.get(variable)
    const places = own === undefined ? layers : [own.layer]
    const parts = new Map<string, Given>()
    for (const name of of) {
      const wanted = { name, isSecret: isSecret(variable), settings }
      const part = partOf(places, wanted, mistakes)
      if (part !== undefined) parts.set(name, part)
    }
    if (own !== undefined) {
      const isTwice = parts.size > 0 && making.make(textsOf(parts), { isProduction }) !== undefined
      const detail = `is set twice: remove it or ${namesOf(parts)}`
      if (isTwice) mistakes.push({ option: own.name, detail })
      continue
    }
    const text = textMade(making, { parts, settings, isProduction, mistakes })
    if (text === undefined) continue
    const [strongest] = [...parts.values()].sort((a, b) => rank(a.origin) - rank(b.origin))
    if (strongest === undefined) defaults.set(variable, text)
    else given.set(variable, { ...strongest, name: namesOf(parts), text })
  }
  return { given, defaults }
}

const rank = (origin: Origin): number => ['command line', 'environment', 'file'].indexOf(origin)

const namesOf = (parts: ReadonlyMap<string, Given>): string =>
  [...parts.values()].map(({ name }) => name).join(', ')

const textsOf = (parts: ReadonlyMap<string, Given>): Record<string, string> =>
  Object.fromEntries([...parts].map(([name, { text }]) => [name, text]))

/** What only has another name is made of that. */
const makingsOf = ({ names, made = [] }: DialectSettings): readonly MadeSetting[] => [
  ...Object.entries(names).map(
    ([name, variable]): MadeSetting => ({
      variable,
      of: [name],
      make: ({ [name]: text }) => (text === undefined ? undefined : { text }),
    }),
  ),
  ...made,
]

type Wanted = { name: string; isSecret: boolean; settings: DialectSettings }

const partOf = (
  layers: readonly Layer[],
  { name, isSecret, settings }: Wanted,
  mistakes: Mistake[],
): Given | undefined => {
  for (const layer of layers) {
    const spellings = Object.keys(layer.variables)
      .filter((written) => textOf(layer.variables[written]) !== undefined)
      .map((written) => (isSecret ? written.replace(/_FILE$/, '') : written))
      .filter((written) => asItWroteIt(written, settings) === name)
    const [first, other] = new Set(spellings)
    if (first === undefined) continue
    if (other !== undefined)
      mistakes.push({ option: first, detail: `is set twice: remove it or ${other}` })
    const found = lookUp(layer, { variable: first, secret: isSecret }, mistakes)
    if (found !== undefined) return found
  }
  return undefined
}

type Materials = {
  parts: ReadonlyMap<string, Given>
  settings: DialectSettings
  isProduction: boolean
  mistakes: Mistake[]
}

const textMade = (
  { variable, make }: MadeSetting,
  { parts, settings, isProduction, mistakes }: Materials,
): string | undefined => {
  const faults = new Map<string, Mistake>()
  for (const [name, { name: option, text }] of parts) {
    const detail = settings.names[name] === undefined && partFault(variable, text, settings)
    if (detail) faults.set(name, { option, detail })
  }
  mistakes.push(...faults.values())
  const made = make(textsOf(parts), { isProduction })
  if (made === undefined) return undefined
  if ('text' in made) return faults.size === 0 ? made.text : undefined
  for (const { option, detail } of made.mistakes) {
    if (!faults.has(option)) mistakes.push({ option: parts.get(option)?.name ?? option, detail })
  }
  return undefined
}

/** What stands in every copy of a document is nobody's own. */
const partFault = (variable: string, text: string, settings: DialectSettings) => {
  if (/^(["']).*\1$/s.test(text))
    return 'has quotes around it that became part of the value. Remove them'
  return sampleFault(variable, text, settings)
}

export const sampleFault = (
  variable: string,
  text: string,
  { samples = [] }: DialectSettings,
): string | undefined => {
  if (!samples.includes(text)) return undefined
  const remedy = variable.endsWith('SECRET_KEY') ? howToMakeASecret : 'Put your own there'
  return `still holds the sample value of the old service, which everybody knows. ${remedy}`
}
