import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrations } from '../../src/stores/sql/migrations/migrations.js'
import { openSqlite } from '../../src/stores/sql/sqlite/driver.js'
import { newFolder, run, runJson } from './command.js'

const names = migrations.map(({ name }) => name)
const fileIn = (folder: string) => join(folder, 'data', 'latchkey.db')

/** What lies in a database, but for the order of its pages. */
const contentOf = (folder: string) =>
  createHash('sha256')
    .update(readFileSync(fileIn(folder)))
    .digest('hex')

/** Leaves the database as the version before the last migration left it. */
const stepBack = (folder: string) => {
  const database = openSqlite(fileIn(folder))
  database.exec(`delete from latchkey_migrations where number = ${names.length}`)
  database.close()
}

describe('migrate --check', () => {
  test('lists what has not run with exit code 5, and makes no database', async () => {
    const folder = newFolder()
    const { code, stdout } = await run(folder, ['migrate', '--check'])

    expect(code).toBe(5)
    for (const name of names) expect(stdout).toContain(name)
    expect(await runJson(folder, ['migrate', '--check'])).toEqual({
      code: 5,
      stderr: '',
      json: { pending: names },
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('ends with 0 once everything has run', async () => {
    const folder = newFolder()
    await run(folder, ['migrate'])

    expect(await runJson(folder, ['migrate', '--check'])).toEqual({
      code: 0,
      stderr: '',
      json: { pending: [] },
    })
    expect((await run(folder, ['migrate', '--check'])).stdout).toMatch(/^Nothing to do/)
  })

  test('finds an older schema, and leaves it as it is', async () => {
    const folder = newFolder()
    await run(folder, ['migrate'])
    stepBack(folder)
    const before = contentOf(folder)

    expect(await runJson(folder, ['migrate', '--check'])).toMatchObject({
      code: 5,
      json: { pending: names.slice(-1) },
    })
    await run(folder, ['migrate', '--sql'])
    expect(contentOf(folder)).toBe(before)
  })
})

describe('migrate --sql', () => {
  test('prints statements that do what migrate does, and nothing else', async () => {
    const folder = newFolder()
    const { code, stdout, stderr } = await run(folder, ['migrate', '--sql'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(existsSync(fileIn(folder))).toBe(false)

    const other = newFolder()
    await run(other, ['migrate'])
    const [byHand, byUs] = [openSqlite(join(folder, 'by-hand.db')), openSqlite(fileIn(other))]
    byHand.exec(stdout)
    const [made, expected] = [byHand, byUs].map((database) => [
      database.prepare('select name, sql from sqlite_schema order by name').all(),
      database.prepare('select number, name from latchkey_migrations').all(),
    ])
    for (const database of [byHand, byUs]) database.close()
    expect(made).toEqual(expected)
  })

  test('prints nothing to pipe on where nothing is to be done', async () => {
    const folder = newFolder()
    await run(folder, ['migrate'])

    expect(await run(folder, ['migrate', '--sql'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nothing to do: the database is up to date.\n',
    })
  })

  test('for programs, as JSON', async () => {
    const { code, json } = await runJson(newFolder(), ['migrate', '--sql'])

    expect({ code, pending: json.pending }).toEqual({ code: 0, pending: names })
    expect(json.sql).toContain('create table "latchkey_users"')
  })

  test('does not go together with --check', async () => {
    const { code, stdout, stderr } = await run(newFolder(), ['migrate', '--check', '--sql'])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/cannot be used with/)
  })
})

test.each([[], ['--check'], ['--sql']])('a newer schema stops migrate %s', async (...options) => {
  const folder = newFolder()
  await run(folder, ['migrate'])
  const database = openSqlite(fileIn(folder))
  database.exec(`insert into latchkey_migrations values (${names.length + 1}, 'later', 0)`)
  database.close()
  const { code, stdout, stderr } = await run(folder, ['migrate', ...options])

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/was set up by a newer latchkey/)
})
