import { afterAll } from 'vitest'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { openService, type Service } from '../services/services.js'
import { asOwner } from './sql-admin.js'

const tables = [
  ...['latchkey_users', 'latchkey_sessions', 'latchkey_keys', 'latchkey_events'],
  ...['latchkey_recorders', 'latchkey_attempts', 'latchkey_numbers'],
  ...['latchkey_identities', 'latchkey_spent'],
]

/** A place that is emptied whenever it is asked for: as good as a fresh one to a contract, and had ten times as fast. */
export const emptiedPlace = (kind: keyof typeof asOwner): (() => Promise<string>) => {
  let server: Service | undefined
  let url: string | undefined
  afterAll(() => server?.stop())
  return async () => {
    server ??= await openService(kind)
    url ??= await migrated(await server.fresh({ keep: true }))
    const statements = tables.map((table) => `delete from ${table}`)
    await asOwner[kind](server.adminUrl, url, statements.join(';'))
    return url
  }
}

const migrated = async (url: string): Promise<string> => {
  const store = sqlStore(url)
  await store.migrate()
  await store.close()
  return url
}
