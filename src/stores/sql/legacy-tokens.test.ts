import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../test/db/databases.js'
import { createDb, type Db } from '../../db/db.js'
import type { LegacyTokenStore } from '../../features/sessions/store.js'
import { sqlLegacyTokens } from './legacy-tokens.js'

/** The table of the envelope service in the types of each database. */
const types = {
  sqlite: { flag: 'boolean', instant: 'datetime' },
  postgres: { flag: 'boolean', instant: 'timestamp' },
  mysql: { flag: 'bit(1)', instant: 'datetime(6)' },
  sqlserver: { flag: 'bit', instant: 'datetime2' },
}
const about = { now: new Date() }
const expiresAt = new Date('2027-03-04T05:06:07.089Z')

describe.each(databases)('refresh tokens of before on $name', (database) => {
  let db: Db
  let tokens: LegacyTokenStore
  const { flag, instant } = types[database.name]
  const yes = database.name === 'postgres' ? 'true' : database.name === 'mysql' ? "b'1'" : '1'
  const no = database.name === 'postgres' ? 'false' : database.name === 'mysql' ? "b'0'" : '0'
  const row = (token: string, revoked: string) =>
    db.safeQuery(
      `insert into refresh_tokens (id, user_id, token_hash, expires_at, is_revoked)
       values (${token.length}, 17, '${createHash('sha256').update(token).digest('hex')}',
         '2027-03-04 05:06:07.089', ${revoked})`,
      [],
      { fetch: 'none' },
    )

  beforeAll(async () => {
    if (!database.isHere) return
    await database.open()
    const url = await database.fresh({ keep: true })
    db = createDb(url)
    tokens = sqlLegacyTokens(url)
    await expect(tokens.find('a', about)).rejects.toMatchObject({ code: 'store_unavailable' })
    await db.safeQuery(
      `create table refresh_tokens (id integer primary key, user_id integer not null,
         token_hash ${database.name === 'sqlserver' ? 'nvarchar(255)' : 'varchar(255)'} not null unique,
         expires_at ${instant} not null, is_revoked ${flag} not null)`,
      [],
      { fetch: 'none' },
    )
    await row('a', no)
    await row('bb', yes)
  })
  afterAll(async () => {
    if (!database.isHere) return
    await tokens.close?.()
    await db.close()
    await database.close()
  })

  test.skipIf(!database.isHere)(
    'are found by their hash, until when they last in UTC',
    async () => {
      expect(await tokens.find('a', about)).toEqual({ userId: '17', expiresAt })
    },
  )

  test.skipIf(!database.isHere)('that were revoked, or are unknown, are not', async () => {
    for (const token of ['bb', 'ccc', '', "' or 1=1 --"])
      expect(await tokens.find(token, about)).toBeUndefined()
  })
})
