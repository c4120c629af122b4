import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sqlStore } from '../sql.js'

test('only the owner can read a new database and its journals', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'latchkey-modes-')), 'data')
  const store = sqlStore(`sqlite:${folder}/latchkey.db`)
  await store.migrate()
  const modes = ['', '/latchkey.db', '/latchkey.db-wal', '/latchkey.db-shm'].map(
    (path) => statSync(`${folder}${path}`).mode & 0o077,
  )
  await store.close()

  expect(modes).toEqual([0, 0, 0, 0])
})
