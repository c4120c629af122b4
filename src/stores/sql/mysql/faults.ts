/** What the errors of MySQL and MariaDB mean: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
export const errorNumber = (error: unknown): number | undefined =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' && error.errno > 0
    ? error.errno
    : undefined

/** The driver's name for it: ECONNREFUSED, ER_DUP_ENTRY, HANDSHAKE_SSL_ERROR. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

export const isUniqueViolation = (error: unknown): boolean => errorNumber(error) === 1062

export const isMissingTable = (error: unknown): boolean => errorNumber(error) === 1146

/** A table, a column or an index is there or gone already. */
export const isDoneAlready = (error: unknown): boolean =>
  [1050, 1060, 1061, 1091].includes(errorNumber(error) ?? 0)

/** A deadlock, a lock held too long, or a table that changed its form: whoever runs the work again will get through. */
export const isConflict = (error: unknown): boolean =>
  [1020, 1205, 1213, 1412, 1615].includes(errorNumber(error) ?? 0)

/** It is another server now, or another state of it, than the connection was made for. */
export const isReadOnly = (error: unknown): boolean =>
  [1290, 1792, 1836].includes(errorNumber(error) ?? 0)

/** The connection is of no further use. */
export const isFatal = (error: unknown): boolean =>
  error instanceof Error && 'fatal' in error && error.fatal === true

/** Too many connections or statements, the disk, a rule that changed, the network, an end, a cluster that is torn. */
const serverFaults = new Set([
  ...[1021, 1026, 1028, 1030, 1037, 1038, 1040, 1041, 1042, 1043, 1044, 1045, 1047, 1049, 1053],
  ...[1114, 1129, 1130, 1152, 1153, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1317],
  ...[1461, 1927, 1969, 3024, 3159, 4031, 9001],
])

/** Not our statement's fault. The driver's own errors carry a code of the system or one of its own, or are fatal. */
export const isUnavailable = (error: unknown): boolean => {
  const number = errorNumber(error)
  if (number !== undefined) return serverFaults.has(number) || isReadOnly(error)
  if (!(error instanceof Error) || error instanceof TypeError) return false
  return errorCode(error) !== undefined || 'fatal' in error
}

/** Their sentences repeat what was written. */
const talkative = new Set([1062, 1064, 1265, 1292, 1300, 1366, 1411, 1525, 3854])

/** An error as it may be logged: the driver adds the statement, with the values in it. */
export const discreet = (error: unknown): unknown => {
  const errno = errorNumber(error)
  if (errno === undefined || !(error instanceof Error)) return error
  const code = errorCode(error)
  const isSilent = talkative.has(errno)
  return Object.assign(new Error(isSilent ? `${code} (${errno})` : error.message), { code, errno })
}
