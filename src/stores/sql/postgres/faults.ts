/** What PostgreSQL's errors mean: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'severity' in error
    ? error.code
    : undefined

export const isUniqueViolation = (error: unknown): boolean => sqlState(error) === '23505'

export const isMissingTable = (error: unknown): boolean => sqlState(error) === '42P01'

/** A deadlock, or two that could not be put in an order: whoever runs the work again will get through. */
export const isConflict = (error: unknown): boolean =>
  ['40001', '40P01', '55P03'].includes(sqlState(error) ?? '')

/** Not our statement's fault: the connection, the server, its disk, a stand-by, a rule that somebody changed. */
export const isUnavailable = (error: unknown): boolean => {
  const state = sqlState(error)
  if (state === undefined) return isOfNetwork(error)
  return /^(?:08|28|3D|40|53|55|57|58|XX)|^25006$/.test(state)
}

/** The driver's own errors carry a code of the system, or one of these sentences. */
const isOfNetwork = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && /^E[A-Z_]+$/.test(String(error.code)) && 'syscall' in error) ||
    /timeout|terminated|Connection|SSL|TLS|certificate|not queryable|socket/i.test(error.message))
