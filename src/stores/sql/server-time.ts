import type { Connection } from './dialect.js'

/** What the clock of a server says. @param sql selects `now`, in milliseconds since 1970 */
export const serverTime = async (reader: Connection, sql: string): Promise<Date> => {
  const [row] = await reader.rows<{ now: number | string | bigint }>({ sql, parameters: [] })
  return new Date(Number(row?.now))
}
