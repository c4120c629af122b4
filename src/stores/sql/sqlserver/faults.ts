/** What SQL Server's errors mean: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
type Fault = { number: number; class?: number }

/** Several errors may come of one statement, or of one login. */
const faultsOf = (error: unknown): Fault[] => {
  if (!(error instanceof Error)) return []
  if ('numbers' in error && Array.isArray(error.numbers)) {
    return error.numbers.map((number: number) => ({ number }))
  }
  if (error instanceof AggregateError) return error.errors.flatMap(faultsOf)
  if (!('number' in error) || typeof error.number !== 'number') return []
  const severity = 'class' in error && typeof error.class === 'number' ? error.class : 0
  return [{ number: error.number, class: severity }]
}

export const numbersOf = (error: unknown): number[] => faultsOf(error).map(({ number }) => number)

/** The error of the driver with the numbers the server gave. */
export const withNumbers = (error: Error, numbers: readonly number[]): Error =>
  numbers.length === 0 ? error : Object.assign(error, { numbers })

const isOneOf = (error: unknown, numbers: readonly number[]): boolean =>
  numbersOf(error).some((number) => numbers.includes(number))

/** A primary key or a constraint, and an index. */
export const isUniqueViolation = (error: unknown): boolean => isOneOf(error, [2627, 2601])

export const isMissingTable = (error: unknown): boolean => isOneOf(error, [208])

/** A deadlock, a lock that took too long, another version of a row: whoever runs the work again will get through. */
export const isConflict = (error: unknown): boolean => isOneOf(error, [1205, 1222, 3960])

/** Not our statement's fault: the connection, the login, the database, its disk. */
export const isUnavailable = (error: unknown): boolean => {
  const faults = faultsOf(error)
  if (faults.length === 0 || isOfLogin(error)) return isOfNetwork(error)
  return faults.some(
    ({ number, class: severity = 0 }) => severity >= outOfResources || away.has(number),
  )
}

/** From this severity on the server lacks something or ends the connection. */
const outOfResources = 17

const away = new Set([
  ...[911, 4060, 4063, 4064, 18452, 18456, 18470, 18486, 18487, 18488], // login
  ...[596, 904, 921, 922, 924, 926, 927, 941, 942, 945, 952, 976, 978, 983, 3906, 6005], // database
  ...[40, 53, 64, 121, 233, 10053, 10054, 10060, 17142, 17830], // network
  ...[4221, 10928, 10929, 10936, 40143, 40166, 40197, 40501, 40540, 40544, 40549, 40550], // Azure
  ...[40551, 40552, 40553, 40613, 40615, 40642, 42108, 42109, 49918, 49919, 49920], // Azure
])

const isOfLogin = (error: unknown): boolean => codeOf(error) === 'ELOGIN'

/** The codes of the driver for a connection that failed, was lost, or answered too late. */
const isOfNetwork = (error: unknown): boolean => networkCodes.has(codeOf(error))

const networkCodes = new Set<unknown>([
  ...['ESOCKET', 'ETIMEOUT', 'ELOGIN', 'ECLOSE', 'ECANCEL', 'EENCRYPT', 'EINVALIDSTATE', 'ETDS'],
  ...['EINTERFACENOTSUPP', 'UNKNOWN'],
])

export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
