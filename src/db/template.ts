import { refuse } from './database-error.js'
import type { Value, Values } from './values.js'

const members = Symbol('members')

/** Values that stand side by side in brackets. */
export type List = { readonly [members]: readonly Value[] }

/**
 * Several values for `in (…)`, each a parameter of its own. On PostgreSQL `= any(${values})` does the same.
 *
 * @throws DatabaseError `refused` for none at all: SQL has no empty list
 * @example db.sql`select * from users where id in (${list(ids)})`.all()
 */
export const list = (values: readonly Value[]): List => {
  if (!Array.isArray(values) || values.length === 0)
    refuse('A list needs a value at least. Ask for nothing where there is nothing to ask for')
  return { [members]: [...values] }
}

export type Interpolated = Values[number] | List

/** What a template says, with placeholders where its values are. */
export type Template = {
  text: string
  values: unknown[]
  /** Offsets of the placeholders. */
  places: number[]
}

export const readTemplate = (
  strings: TemplateStringsArray,
  interpolated: readonly unknown[],
): Template => {
  const isTemplate = Array.isArray(strings) && Array.isArray(strings.raw)
  if (!isTemplate)
    refuse('Write db.sql`…` without brackets: what is called with text is no template')
  const values: unknown[] = []
  const places: number[] = []
  let text = ''
  for (const [index, string] of strings.entries()) {
    text += string
    if (index === interpolated.length) break
    for (const [position, value] of valuesOf(interpolated[index]).entries()) {
      if (position > 0) text += ', '
      places.push(text.length)
      values.push(value)
      text += `$${values.length}`
    }
  }
  return { text, values, places }
}

const valuesOf = (given: unknown): readonly unknown[] => (isList(given) ? given[members] : [given])

const isList = (given: unknown): given is List =>
  typeof given === 'object' && given !== null && members in given
