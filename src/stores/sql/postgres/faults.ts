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
  // without a state it is not the server that speaks, but the driver or the network
  return state === undefined || /^(?:08|28|3D|40|53|55|57|58|XX)|^25006$/.test(state)
}
