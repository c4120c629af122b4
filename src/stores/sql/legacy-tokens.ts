import { createHash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import type { LegacyTokenStore } from '../../features/sessions/store.js'
import type { SqlDialect } from './dialect.js'
import { sql } from './kysely.js'
import { openDialect } from './open.js'

type Row = { user_id: unknown; expires_at: unknown; is_revoked: unknown }

/**
 * Refresh tokens of a service that kept their SHA-256 in a table `refresh_tokens` (`token_hash`, `user_id`, `expires_at` in
 * UTC, `is_revoked`). The table is read and never written; nothing is opened before the first token comes.
 *
 * @param url as for `sqlStore`
 * @example createAuth({ …, legacy: { until: '2026-12-31', profile: 'envelope', tokens: sqlLegacyTokens(url) } })
 */
export const sqlLegacyTokens = (url: string): LegacyTokenStore => {
  let opened: SqlDialect | undefined

  const rowOf = async (tokenHash: string): Promise<Row | undefined> => {
    opened ??= openDialect(url)
    const { builder, reader } = opened
    const text = sql`select ${sql.ref('user_id')}, ${sql.ref('expires_at')}, ${sql.ref('is_revoked')} from ${sql.table('refresh_tokens')} where ${sql.ref('token_hash')} = ${tokenHash}`
    // asIs: the texts are those of that service
    const [row] = await reader.rows<Row>({ ...text.compile(builder), asIs: true })
    return row
  }

  return {
    find: async (token) => {
      const tokenHash = createHash('sha256').update(token).digest('hex')
      const row = await rowOf(tokenHash).catch((error: unknown) => {
        throw opened?.isMissingTable(error)
          ? new AuthError('store_unavailable', { cause: error })
          : error
      })
      if (row === undefined || !isFalse(row.is_revoked)) return undefined
      const expiresAt = instantIn(row.expires_at)
      const userId = typeof row.user_id === 'object' ? '' : String(row.user_id)
      return expiresAt === undefined || userId === '' ? undefined : { userId, expiresAt }
    },
    close: async () => {
      await opened?.close()
    },
  }
}

/** BIT, BOOLEAN, TINYINT: what is not plainly false was taken back. */
const isFalse = (value: unknown): boolean =>
  value instanceof Uint8Array ? value.length === 1 && value[0] === 0 : Number(value ?? 1) === 0

/** DATETIME2 and its like, which drivers make Dates of, or texts as SQLAlchemy writes them to SQLite. */
const instantIn = (value: unknown): Date | undefined => {
  if (value instanceof Date) return value
  const text = typeof value === 'string' ? value : ''
  const [, day, time, zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  const instant = new Date(`${day}T${time}${zone}`)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}
