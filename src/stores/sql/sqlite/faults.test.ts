import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isReadOnly, isStorageFault } from './faults.js'
import { openHandle, type SqliteHandle } from './handle.js'

let folder: string
let handle: SqliteHandle
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-faults-'))
  handle = openHandle(join(folder, 'a.db'), { readOnly: false })
  handle.prepare('create table a (b text)').run()
})
afterEach(() => {
  handle.drop()
  rmSync(folder, { recursive: true })
})

const errorOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('Nothing has failed')
}

const ways = ['run', 'all'] as const

test.each(ways)('a file that may not be written is known as such, whether by %s', (way) => {
  handle.prepare('PRAGMA query_only = ON').run()
  const error = errorOf(() => handle.prepare('insert into a values (1) returning b')[way]())

  expect([isReadOnly(error), isStorageFault(error)]).toEqual([true, true])
})

test.each(ways)('a full disk is known as such, whether by %s', (way) => {
  handle.prepare('PRAGMA max_page_count = 3').all()
  const error = errorOf(() =>
    handle.prepare('insert into a values (zeroblob(100000)) returning b')[way](),
  )

  expect([isReadOnly(error), isStorageFault(error)]).toEqual([false, true])
})

test('a mistake in a statement is no fault of the disk', () => {
  const error = errorOf(() => handle.prepare('select * from nowhere').all())

  expect(isStorageFault(error)).toBe(false)
})
