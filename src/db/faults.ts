import { AuthError } from '../errors.js'
import { DatabaseError, type DatabaseErrorCode } from './database-error.js'
import { type Fault, faultOf, wordOf } from './driver-faults.js'

const sentences: Readonly<Record<DatabaseErrorCode, string>> = {
  refused: 'The statement was not sent',
  invalid: 'The database does not understand the statement',
  bad_value: 'A value does not fit where it was to go',
  unique: 'A value that must be unique is there already',
  foreign_key: 'A row that is referred to is missing, or still referred to',
  not_null: 'A column that must have a value has none',
  check: 'A value is not among those that the table allows',
  forbidden: 'The user of the database may not do that',
  conflict: 'Others were in the way and nothing was changed. Try again',
  unavailable: 'The database cannot be reached or written, or does not answer in time',
  unexpected_row: 'A row is not what its schema says',
  failed: 'The statement failed',
}

const known = new WeakMap<object, DatabaseError>()

/** The same for the same error, so that the statement is not forgotten on its way out of a transaction. */
export const toDatabaseError = (
  error: unknown,
  given?: string,
  /** What the operator has to do about it: 'has a user that …'. */
  advice?: string,
): DatabaseError => {
  if (error instanceof DatabaseError) return error
  if (error instanceof AuthError && error.cause instanceof DatabaseError) return error.cause
  const before = error instanceof Error ? known.get(error) : undefined
  if (before !== undefined) return before
  const { code, said, ...parts } = error instanceof AuthError ? unavailable(error) : faultOf(error)
  const driverError = error instanceof AuthError ? error.cause : error
  const statement =
    given ?? (driverError instanceof Error ? known.get(driverError)?.statement : undefined)
  const detail = code === 'unavailable' && advice ? `its URL ${advice}` : said
  const message = detail === undefined ? sentences[code] : `${sentences[code]}: ${detail}`
  const made = new DatabaseError(code, message, { ...parts, statement, driverError })
  if (error instanceof Error) known.set(error, made)
  return made
}

const unavailable = ({ cause }: AuthError): Fault => ({
  code: 'unavailable',
  sqlState: wordOf(cause, 'code'),
})

/** What the driver said, of an error that was made of it here. */
export const driverErrorOf = (error: unknown): unknown => {
  const raw = error instanceof DatabaseError ? error.driverError : undefined
  return raw instanceof Error && known.get(raw) === error ? raw : undefined
}
