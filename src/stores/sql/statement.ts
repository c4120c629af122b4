import type { Compilable } from 'kysely'
import { fillSlots, slots } from '../../lib/slots.js'
import type { Query } from './dialect.js'

let count = 0

/**
 * A statement that is built and compiled once and filled in on each use: building one costs ten times what running it
 * does. It has a name, so that drivers prepare it once a connection.
 */
export const statement = <Values extends object, Row>(
  names: readonly (keyof Values & string)[],
  build: (values: Values) => Compilable<Row>,
): ((values: Values) => Query<Row>) => {
  count += 1
  const name = `latchkey_${count}`
  let compiled: Query | undefined
  return (values) => {
    compiled ??= build(slots<Values>(names)).compile()
    return { name, sql: compiled.sql, parameters: fillSlots(compiled.parameters, values) }
  }
}

/** One statement for each of the few numbers that stand in the text itself. */
export const statementFor = <Statement>(
  build: (number: number) => Statement,
): ((number: number) => Statement) => {
  const built = new Map<number, Statement>()
  return (number) => {
    const made = built.get(number) ?? build(number)
    built.set(number, made)
    return made
  }
}
