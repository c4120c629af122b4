import type { DatabaseErrorCode } from './database-error.js'

/** What a driver's error means, in our words. */
export type Fault = {
  code: DatabaseErrorCode
  sqlState?: string | undefined
  constraint?: string | undefined
  /** The database's own sentence, where no value can be in it. */
  said?: string | undefined
}

type Codes<Key extends string | number> = Readonly<Partial<Record<Key, DatabaseErrorCode>>>

/** Whichever database it is of. */
export const faultOf = (error: unknown): Fault =>
  ofPostgres(error) ?? ofSqlite(error) ?? ofMysql(error) ?? ofSqlServer(error) ?? { code: 'failed' }

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const ofPostgres = (error: unknown): Fault | undefined => {
  const sqlState = wordOf(error, 'code')
  if (wordOf(error, 'severity') === undefined || sqlState === undefined) return undefined
  const constraint = wordOf(error, 'constraint') ?? wordOf(error, 'column')
  const code = byState[sqlState] ?? byClass[sqlState.slice(0, 2)] ?? 'failed'
  // these say nothing but names and parts of the statement, unless a function of the host's raises them
  const isPlain = ['invalid', 'forbidden'].includes(code) && wordOf(error, 'where') === undefined
  const said = isPlain ? wordOf(error, 'message') : constraint
  return { code, sqlState, constraint, said }
}

const byState: Codes<string> = {
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

const byClass: Codes<string> = { '22': 'bad_value', '42': 'invalid', '0A': 'invalid' }

/** https://www.sqlite.org/rescode.html */
const ofSqlite = (error: unknown): Fault | undefined => {
  const message = wordOf(error, 'message') ?? ''
  const code = wordOf(error, 'code')
  if (code === 'ERR_OUT_OF_RANGE' || /^Value is too large/.test(message)) return tooLarge
  if (code !== 'ERR_SQLITE_ERROR') return undefined
  const [, kind = '', constraint] = /^([A-Z ]+) constraint failed(?:: (.+))?/.exec(message) ?? []
  const ofKind = byConstraint[kind]
  if (ofKind !== undefined) return { code: ofKind, constraint, said: constraint }
  if (/^datatype mismatch/.test(message)) return { code: 'bad_value' }
  return plainSentence.test(message) ? { code: 'invalid', said: message } : { code: 'failed' }
}

const plainSentence =
  /^(?:near |no such |ambiguous |table |incomplete input|unrecognized |wrong number |\d+ values )/

const byConstraint: Codes<string> = {
  UNIQUE: 'unique',
  'NOT NULL': 'not_null',
  CHECK: 'check',
  'FOREIGN KEY': 'foreign_key',
}

const tooLarge: Fault = {
  code: 'bad_value',
  said: 'a number has more digits than JavaScript can hold. Select it as text: cast(… as text)',
}

/** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html; the driver's sentences are without values */
const ofMysql = (error: unknown): Fault | undefined => {
  const errno = numberOf(error, 'errno')
  if (errno === undefined || wordOf(error, 'code') === undefined) return undefined
  const code = byErrno[errno] ?? 'failed'
  const isPlain = ['invalid', 'forbidden', 'not_null', 'foreign_key', 'check'].includes(code)
  return {
    code,
    sqlState: wordOf(error, 'code'),
    ...(isPlain && { said: wordOf(error, 'message') }),
  }
}

const each = (code: DatabaseErrorCode, ...numbers: number[]): Codes<number> =>
  Object.fromEntries(numbers.map((number) => [number, code]))

const byErrno: Codes<number> = {
  ...each('unique', 1062, 1586),
  ...each('not_null', 1048, 1364),
  ...each('foreign_key', 1216, 1217, 1451, 1452),
  ...each('check', 3819, 4025),
  ...each('forbidden', 1044, 1142, 1143, 1227, 1370),
  ...each('conflict', 1020, 1205, 1213, 1412, 1615),
  ...each('bad_value', 1264, 1265, 1292, 1366, 1406, 1411, 1690),
  ...each('invalid', 1049, 1051, 1052, 1054, 1064, 1109, 1136, 1146, 1149, 1222, 1247, 1305, 1318),
}

/** https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
const ofSqlServer = (error: unknown): Fault | undefined => {
  const number = numberOf(error, 'number')
  if (number === undefined) return undefined
  const message = wordOf(error, 'message') ?? ''
  const code =
    number === 547 && /\bCHECK\b/.test(message) ? 'check' : (byNumber[number] ?? 'failed')
  const isPlain = ['invalid', 'forbidden', 'not_null', 'foreign_key', 'check'].includes(code)
  return { code, sqlState: String(number), ...(isPlain && { said: message }) }
}

const byNumber: Codes<number> = {
  ...each('unique', 2601, 2627),
  ...each('foreign_key', 547),
  ...each('not_null', 515),
  ...each('forbidden', 229, 230, 262, 297),
  ...each('conflict', 1205, 1222, 3960),
  ...each('bad_value', 220, 241, 242, 245, 2628, 8114, 8115, 8152, 8169),
  ...each('invalid', 102, 105, 156, 170, 207, 208, 213, 2812, 4104, 8144, 8145),
}

export const wordOf = (error: unknown, name: string): string | undefined => {
  const word = memberOf(error, name)
  return typeof word === 'string' && word !== '' ? word : undefined
}

const numberOf = (error: unknown, name: string): number | undefined => {
  const number = memberOf(error, name)
  return typeof number === 'number' ? number : undefined
}

const memberOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
