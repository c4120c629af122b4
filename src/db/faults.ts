import { AuthError } from '../errors.js'
import { DatabaseError, type DatabaseErrorCode } from './database-error.js'

/** What a driver's error means, in our words. */
type Fault = {
  code: DatabaseErrorCode
  sqlState?: string | undefined
  constraint?: string | undefined
  /** The database's own sentence, where no value can be in it. */
  said?: string | undefined
}

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
  const { code, said, ...parts } = faultOf(error)
  const driverError = error instanceof AuthError ? error.cause : error
  const statement =
    given ?? (driverError instanceof Error ? known.get(driverError)?.statement : undefined)
  const detail = code === 'unavailable' && advice ? `its URL ${advice}` : said
  const message = detail === undefined ? sentences[code] : `${sentences[code]}: ${detail}`
  const made = new DatabaseError(code, message, { ...parts, statement, driverError })
  if (error instanceof Error) known.set(error, made)
  return made
}

const faultOf = (error: unknown): Fault => {
  if (error instanceof AuthError)
    return { code: 'unavailable', sqlState: wordOf(error.cause, 'code') }
  return faultOfPostgres(error) ?? faultOfSqlite(error) ?? { code: 'failed' }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const faultOfPostgres = (error: unknown): Fault | undefined => {
  const sqlState = wordOf(error, 'code')
  if (wordOf(error, 'severity') === undefined || sqlState === undefined) return undefined
  const constraint = wordOf(error, 'constraint') ?? wordOf(error, 'column')
  const code =
    exactly[sqlState] ?? byClass[sqlState.slice(0, 2)] ?? ('failed' satisfies DatabaseErrorCode)
  // these say nothing but names and parts of the statement, unless a function of the host's raises them
  const isPlain = ['invalid', 'forbidden'].includes(code) && wordOf(error, 'where') === undefined
  const said = isPlain ? wordOf(error, 'message') : constraint
  return { code, sqlState, constraint, said }
}

const exactly: Readonly<Partial<Record<string, DatabaseErrorCode>>> = {
  '23502': 'not_null',
  '23503': 'foreign_key',
  '23505': 'unique',
  '23514': 'check',
  '23P01': 'unique',
  '40001': 'conflict',
  '40P01': 'conflict',
  '55P03': 'conflict',
  '42501': 'forbidden',
}

const byClass: Readonly<Partial<Record<string, DatabaseErrorCode>>> = {
  '22': 'bad_value',
  '42': 'invalid',
  '0A': 'invalid',
}

/** https://www.sqlite.org/rescode.html */
const faultOfSqlite = (error: unknown): Fault | undefined => {
  const message = wordOf(error, 'message')
  if (wordOf(error, 'code') !== 'ERR_SQLITE_ERROR' || message === undefined) {
    return wordOf(error, 'code') === 'ERR_OUT_OF_RANGE' ? tooLarge : undefined
  }
  if (/^Value is too large/.test(message)) return tooLarge
  const [, kind, name] =
    /^(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.+))?/.exec(message) ?? []
  if (kind !== undefined)
    return { code: ofSqlite[kind] ?? 'failed', constraint: name, said: message }
  if (/^datatype mismatch/.test(message)) return { code: 'bad_value' }
  const isPlain =
    /^(?:near |no such |ambiguous |table |incomplete input|unrecognized |wrong number |\d+ values )/
  return isPlain.test(message) ? { code: 'invalid', said: message } : { code: 'failed' }
}

const ofSqlite: Readonly<Partial<Record<string, DatabaseErrorCode>>> = {
  UNIQUE: 'unique',
  'NOT NULL': 'not_null',
  CHECK: 'check',
  'FOREIGN KEY': 'foreign_key',
}

const tooLarge: Fault = {
  code: 'bad_value',
  said: 'a number has more digits than JavaScript can hold. Select it as text: cast(… as text)',
}

const wordOf = (error: unknown, name: string): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  const word: unknown = Reflect.get(error, name)
  return typeof word === 'string' && word !== '' ? word : undefined
}

/** What the driver said, of an error that was made of it here. */
export const driverErrorOf = (error: unknown): unknown => {
  const raw = error instanceof DatabaseError ? error.driverError : undefined
  return raw instanceof Error && known.get(raw) === error ? raw : undefined
}
