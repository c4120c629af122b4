/**
 * Whether a text holds a NUL. PostgreSQL keeps none, and the SQLite of older Nodes reads no further than to it: no row is
 * found by such a text, least of all that of its beginning.
 */
export const isUnknowable = (parameter: unknown): boolean =>
  typeof parameter === 'string' && parameter.includes('\0')
