/**
 * What became of a statement that failed:
 *
 * - `refused`: the call is wrong, and nothing was sent
 * - `invalid`: the database does not understand the statement, or knows no such table or column
 * - `bad_value`: a value does not fit where it was to go
 * - `unique`, `foreign_key`, `not_null`, `check`: a constraint of that kind forbids it
 * - `forbidden`: this user may not do that
 * - `conflict`: others were in the way, and nothing was changed: try again
 * - `unavailable`: the database cannot be reached or written, or answers too late
 * - `unexpected_row`: the statement ran, and a row is not what the schema says
 * - `failed`: anything else
 */
export type DatabaseErrorCode =
  | 'refused'
  | 'invalid'
  | 'bad_value'
  | 'unique'
  | 'foreign_key'
  | 'not_null'
  | 'check'
  | 'forbidden'
  | 'conflict'
  | 'unavailable'
  | 'unexpected_row'
  | 'failed'

type Parts = {
  /** As it was given, placeholders and all. */
  statement?: string | undefined
  /** The five signs of the SQL standard, or the driver's own code where the database has none. */
  sqlState?: string | undefined
  /** The constraint, or the column, that a forbidden change hit. */
  constraint?: string | undefined
  driverError?: unknown
}

/**
 * A statement that failed. Neither the message nor anything that logs write of it holds a value.
 *
 * @example if (error instanceof DatabaseError && error.code === 'unique') return 'taken'
 */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode
  readonly statement: string | undefined
  readonly sqlState: string | undefined
  readonly constraint: string | undefined
  /** What the driver said, in its own words. It may hold values of the statement, so nothing logs it by itself. */
  declare readonly driverError: unknown

  constructor(code: DatabaseErrorCode, message: string, parts: Parts = {}) {
    super(message)
    this.name = 'DatabaseError'
    this.code = code
    this.statement = parts.statement
    this.sqlState = parts.sqlState
    this.constraint = parts.constraint
    Object.defineProperty(this, 'driverError', { value: parts.driverError, enumerable: false })
  }
}

/** @throws DatabaseError `refused` */
export const refuse = (message: string, statement?: string): never => {
  throw new DatabaseError('refused', message, { statement })
}
