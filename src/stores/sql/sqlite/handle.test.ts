import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHandle } from './handle.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (options = { readOnly: false }) => openHandle(join(folder, 'a.db'), options)
const firstOf = (row: unknown) => Object.values(row ?? {})[0]

test('what was answered survives a power cut, and readers do not wait for the writer', () => {
  const { prepare, drop } = open()

  expect(firstOf(prepare('PRAGMA synchronous').all()[0])).toBe(2) // FULL
  expect(firstOf(prepare('PRAGMA journal_mode').all()[0])).toBe('wal')
  drop()
})

test('waiting for another process never blocks the thread', () => {
  const { prepare, drop } = open()

  expect(firstOf(prepare('PRAGMA busy_timeout').all()[0])).toBe(0)
  drop()
})

test('a handle for reading cannot write', () => {
  open().drop()
  const { prepare, drop } = open({ readOnly: true })

  expect(() => prepare('create table a (b integer)').run()).toThrow(/readonly/)
  drop()
})

test('after a drop everything is in the file itself, and the handle opens it again when asked', () => {
  const { prepare, drop } = open()
  prepare('create table a (b integer)').run()
  prepare('insert into a values (7)').run()
  drop()

  copyFileSync(join(folder, 'a.db'), join(folder, 'copy.db'))
  const copy = openHandle(join(folder, 'copy.db'), { readOnly: false })
  for (const handle of [copy, { prepare, drop }]) {
    expect(firstOf(handle.prepare('select b from a').all()[0])).toBe(7)
    handle.drop()
  }
})
