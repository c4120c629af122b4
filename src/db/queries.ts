import { createBoundedMap } from '../lib/bounded-map.js'
import { trusted } from '../lib/trusted.js'
import { refuse } from './database-error.js'
import { type RowSchema, readRow } from './row-schema.js'
import { fillPlan, type Plan, planStatement, type Statement } from './statement.js'
import type { Syntax } from './syntax.js'
import { type Interpolated, readTemplate, type Template } from './template.js'
import { type Encoding, encodeAll, type Values } from './values.js'

/** A row whose shape nobody has promised. */
export type Row = Record<string, unknown>

/** `one`: the first row, or undefined. `all`: every row. `none`: how many rows were changed. */
export type Fetch = 'one' | 'all' | 'none'

/**
 * Runs one statement; values go as parameters and never into its text.
 *
 * @param text with `%s` (then `%%` is a percent sign) or with `$1`, which may stand in several places
 * @param values in the order of their placeholders
 * @throws DatabaseError
 * @example await safeQuery('select * from users where id = %s', [id], { fetch: 'one' })
 */
export type SafeQuery = {
  (text: string, values: Values | undefined, options: { fetch: 'none' }): Promise<number>
  <Result extends object = Row>(
    text: string,
    values: Values | undefined,
    options: { fetch: 'one'; schema?: RowSchema<Result> },
  ): Promise<Result | undefined>
  <Result extends object = Row>(
    text: string,
    values?: Values,
    options?: { fetch?: 'all'; schema?: RowSchema<Result> },
  ): Promise<Result[]>
}

/** A statement that waits to be told what to fetch. Until then nothing is sent. */
export type Prepared = {
  /** The first row, or undefined. @throws DatabaseError */
  one<Result extends object = Row>(schema?: RowSchema<Result>): Promise<Result | undefined>
  /** Every row. @throws DatabaseError */
  all<Result extends object = Row>(schema?: RowSchema<Result>): Promise<Result[]>
  /** How many rows were inserted, updated or deleted. @throws DatabaseError */
  none(): Promise<number>
}

/**
 * A statement as a template: each `${value}` becomes a parameter.
 *
 * @example await db.sql`select * from users where id = ${id}`.one()
 */
export type Sql = (strings: TemplateStringsArray, ...values: Interpolated[]) => Prepared

export type Queries = { safeQuery: SafeQuery; sql: Sql }

/** Runs what has been read. */
export type Run = (statement: Statement, fetch: Fetch) => Promise<Outcome>
export type Outcome = { rows: readonly object[]; count: number }

/** How one database is spoken to. */
export type Language = { encoding: Encoding; syntax: Syntax; planOf(text: string): Plan }

/** Statements that are remembered; programs have not many. */
const mostPlans = 500
const longestPlan = 10_000

export const languageOf = (syntax: Syntax, encoding: Encoding): Language => {
  const plans = createBoundedMap<Plan>(mostPlans)
  return {
    syntax,
    encoding,
    planOf: (text) => {
      const known = plans.get(text)
      if (known !== undefined) return known
      const plan = planStatement(text, syntax)
      if (text.length <= longestPlan) plans.set(text, plan)
      return plan
    },
  }
}

export const createQueries = (run: Run, { syntax, encoding, planOf }: Language): Queries => {
  const ask = async <Result>(
    { text, values, places }: Omit<Template, 'places'> & { places?: number[] },
    fetch: Fetch,
    schema: RowSchema<Result> | undefined,
  ): Promise<Outcome & { read: Result[] }> => {
    const statement = fillPlan(planOf(text), encodeAll(values, encoding, text), syntax, places)
    const { rows, count } = await run(statement, fetch)
    const wanted = fetch === 'one' ? rows.slice(0, 1) : rows
    const read: Result[] = []
    for (const row of wanted) {
      const plain = { ...row } // SQLite's have no prototype
      read.push(schema === undefined ? trusted<Result>(plain) : await readRow(plain, schema, text))
    }
    return { rows, count, read }
  }

  const safeQuery = async <Result>(
    text: string,
    values: Values = [],
    { fetch = 'all', schema }: { fetch?: Fetch; schema?: RowSchema<Result> } = {},
  ): Promise<Result[] | Result | number | undefined> => {
    if (typeof text !== 'string') refuse('The statement must be text')
    if (!Array.isArray(values)) refuse('The values must be an array: [id]', text)
    if (!['one', 'all', 'none'].includes(fetch)) refuse('fetch must be one, all or none', text)
    const { read, count } = await ask({ text, values: [...values] }, fetch, schema)
    if (fetch === 'none') return count
    return fetch === 'one' ? read[0] : read
  }

  return {
    safeQuery: trusted<SafeQuery>(safeQuery),
    sql: (strings, ...interpolated) => {
      const template = readTemplate(strings, interpolated)
      return {
        one: async (schema) => (await ask(template, 'one', schema)).read[0],
        all: async (schema) => (await ask(template, 'all', schema)).read,
        none: async () => (await ask(template, 'none', undefined)).count,
      }
    },
  }
}
