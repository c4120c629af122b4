import { DatabaseError } from './database-error.js'

/** What a row must be: a schema of zod, of valibot, or any object with a `parse` that returns the row or throws. */
export type RowSchema<Row> =
  | { parse(row: unknown): Row }
  | { readonly '~standard': { validate(row: unknown): Outcome<Row> | Promise<Outcome<Row>> } }

/** https://standardschema.dev */
type Outcome<Row> =
  | { readonly value: Row; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }
type Issue = { readonly path?: readonly unknown[] | undefined }

/** @throws DatabaseError `unexpected_row` that names the columns and not what is in them */
export const readRow = async <Row>(
  row: unknown,
  schema: RowSchema<Row>,
  statement: string,
): Promise<Row> => {
  if ('~standard' in schema) {
    const outcome = await schema['~standard'].validate(row)
    if (outcome.issues !== undefined) throw unexpected(outcome.issues, statement)
    return outcome.value
  }
  try {
    return schema.parse(row)
  } catch (error) {
    throw unexpected(issuesOf(error), statement, error)
  }
}

const issuesOf = (error: unknown): readonly Issue[] =>
  error instanceof Error && 'issues' in error && Array.isArray(error.issues) ? error.issues : []

const unexpected = (
  issues: readonly Issue[],
  statement: string,
  driverError: unknown = issues,
): DatabaseError => {
  const columns = new Set(issues.map(({ path }) => nameOf(path?.[0])).filter(Boolean))
  const which = columns.size === 0 ? '' : ` (${[...columns].join(', ')})`
  return new DatabaseError(
    'unexpected_row',
    `The statement ran, but a row is not what its schema says${which}`,
    { statement, driverError },
  )
}

/** Standard schemas give a key as it is or in an object. */
const nameOf = (key: unknown): string =>
  typeof key === 'object' && key !== null && 'key' in key ? String(key.key) : String(key ?? '')
