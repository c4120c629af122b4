import type { Compilable } from 'kysely'
import { fillSlots, slots } from '../../lib/slots.js'
import type { Query } from './dialect.js'

/**
 * A statement that is built and compiled once and filled in on each use: building one costs ten times what running it
 * does.
 */
export const statement = <Values extends object, Row>(
  names: readonly (keyof Values & string)[],
  build: (values: Values) => Compilable<Row>,
): ((values: Values) => Query<Row>) => {
  let compiled: Query | undefined
  return (values) => {
    compiled ??= build(slots<Values>(names)).compile()
    return { sql: compiled.sql, parameters: fillSlots(compiled.parameters, values) }
  }
}
