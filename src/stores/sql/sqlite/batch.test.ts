import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Connection, SqlDialect } from '../dialect.js'
import { openHandle, type SqliteHandle } from './handle.js'
import { sqliteDialect } from './sqlite.js'

let folder: string
let dialect: SqlDialect
/** Another connection: it sees what has been committed, and nothing else. */
let outside: SqliteHandle
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-batch-'))
  const file = join(folder, 'a.db')
  dialect = sqliteDialect(file)
  outside = openHandle(file, { readOnly: false })
  outside.prepare('create table a (b integer primary key)').run()
})
afterEach(async () => {
  await dialect.close()
  outside.drop()
  rmSync(folder, { recursive: true })
})

const query = (sql: string, ...parameters: unknown[]) => ({ sql, parameters })
const insert = (number: number) => query('insert into a values (?)', number)
const committed = (): unknown[] =>
  outside
    .prepare('select b from a order by b')
    .all()
    .flatMap((row) => Object.values(row ?? {}))
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const write = (number: number, patience?: number): Promise<number> =>
  dialect.transaction(async (connection) => {
    await connection.execute(insert(number))
    return number
  }, patience)

/** Twenty works that are asked for in one turn; some of them go their own way. */
const askTwenty = (others: Readonly<Record<number, (connection: Connection) => Promise<number>>>) =>
  Promise.allSettled(
    numbers(20).map((number) => {
      const other = others[number]
      return other === undefined ? write(number) : dialect.transaction(other)
    }),
  )

describe('a failing work', () => {
  test('spoils nothing for the others, and each caller hears of their own', async () => {
    const outcomes = await askTwenty({
      3: () => {
        throw new Error('thrown')
      },
      7: async (connection) => {
        await connection.execute(insert(107)) // undone with it
        return connection.execute(insert(6)) // taken
      },
      12: async (connection) => {
        await connection.execute(insert(112))
        await new Promise((resolve) => setImmediate(resolve))
        throw new Error('rejected')
      },
    })

    const failing = [3, 7, 12]
    const others = numbers(20).filter((number) => !failing.includes(number))
    expect(committed()).toEqual(others)
    for (const number of others)
      expect(outcomes[number]).toEqual({ status: 'fulfilled', value: number })
    expect(failing.map((number) => String(Object.values(outcomes[number] ?? {})[1]))).toEqual([
      'Error: thrown',
      expect.stringContaining('UNIQUE constraint failed'),
      'Error: rejected',
    ])
  })

  test('may be the first, the last, or all there are', async () => {
    const fail = async (): Promise<number> => Promise.reject(new Error('no'))
    await askTwenty({ 0: fail, 19: fail })
    expect(committed()).toEqual(numbers(20).slice(1, 19))

    await expect(dialect.transaction(fail)).rejects.toThrow('no')
    expect(await write(0)).toBe(0)
  })

  test('whose taken value is part of its story goes on', async () => {
    await write(1)
    const changed = await dialect.transaction(async (connection) => [
      await connection.executeUnlessTaken(insert(1)),
      await connection.execute(insert(2)),
    ])

    expect(changed).toEqual([undefined, 1])
    expect(committed()).toEqual([1, 2])
  })
})

describe('a disk that fails', () => {
  const unavailable = { status: 'rejected', reason: { code: 'store_unavailable' } }

  test('in the midst of a batch refuses all of it, and none of it is there', async () => {
    const pages = (most: number) => query(`PRAGMA max_page_count = ${most}`)
    const outcomes = await askTwenty({
      9: async (connection) => {
        await connection.send(pages(3))
        return connection.execute(query('create table filling as select zeroblob(100000)'))
      },
    })

    expect(outcomes).toMatchObject(numbers(20).map(() => unavailable))
    expect(committed()).toEqual([])
    await dialect.transaction((connection) => connection.send(pages(1_000_000)))
    expect(await write(1)).toBe(1)
  })

  test.runIf(canLimitFiles())(
    'at the commit refuses all of it, and none of it is there',
    async () => {
      await write(100)
      limitFiles('1:unlimited')
      const outcomes = await askTwenty({}).finally(() => limitFiles('unlimited'))

      expect(outcomes).toMatchObject(numbers(20).map(() => unavailable))
      expect(committed()).toEqual([100])
      expect(await write(1)).toBe(1)
      expect(committed()).toEqual([1, 100])
    },
  )
})

test('nobody is answered before the commit, and all of one batch are answered in their order', async () => {
  const seen: { number: number; there: unknown[] }[] = []
  await Promise.all(
    numbers(5).map((number) =>
      write(number).then(() => {
        seen.push({ number, there: committed() })
      }),
    ),
  )

  expect(seen).toEqual(numbers(5).map((number) => ({ number, there: numbers(5) })))
})

test('what fails is told no earlier than what succeeds', async () => {
  const told: string[] = []
  const failing = dialect.transaction(() => Promise.reject(new Error('no')))
  await Promise.all([
    failing.catch(() => told.push(`failed, there: ${committed()}`)),
    write(1).then(() => told.push(`written, there: ${committed()}`)),
  ])

  expect(told).toEqual(['failed, there: 1', 'written, there: 1'])
})

test('what comes during a batch goes into the next one', async () => {
  let later: Promise<number> | undefined
  const first = dialect.transaction(async (connection) => {
    later = write(2)
    await new Promise((resolve) => setImmediate(resolve))
    return connection.rows(query('select b from a'))
  })

  expect(await Promise.all([first, write(1), write(3)])).toEqual([[], 1, 3])
  expect(committed()).toEqual([1, 3])
  expect(await later).toBe(2)
  expect(committed()).toEqual([1, 2, 3])
})

test('a long batch lets others in between, and is kept waiting for hardly longer than it works', async () => {
  const [works, others]: [number[], number[]] = [[], []]
  const busy = (milliseconds: number, into: number[]): void => {
    const started = performance.now()
    while (performance.now() - started < milliseconds);
    into.push(performance.now() - started)
  }
  const work = () => dialect.transaction(async () => busy(1, works))
  const meddle = (): void => {
    if (works.length === 60) return
    if (works.length > 0) busy(20, others)
    setImmediate(meddle)
  }
  setImmediate(meddle)
  await Promise.all(numbers(60).map(work))

  const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0)
  expect(others.length).toBeGreaterThan(1)
  expect(sum(others)).toBeLessThan(3 * sum(works)) // it would be ten times as long if it gave way every 2 ms
})

describe('while another process writes', () => {
  const hold = () => outside.prepare('BEGIN IMMEDIATE').run()
  const release = () => outside.prepare('ROLLBACK').run()

  test('work waits as long as it is patient, and the thread goes on', async () => {
    hold()
    let turns = 0
    const counting = setInterval(() => {
      turns += 1
    }, 5)
    const [patient, impatient] = [write(1, 10_000), write(2, 50)]
    await expect(impatient).rejects.toMatchObject({ code: 'store_unavailable' })
    const [late, later] = [write(3, 10_000), write(4, 10_000)]
    expect(committed()).toEqual([])
    release()

    expect(await Promise.all([patient, late, later])).toEqual([1, 3, 4])
    expect(committed()).toEqual([1, 3, 4])
    clearInterval(counting)
    expect(turns).toBeGreaterThan(2)
  })

  test('closing waits for what was asked before', async () => {
    hold()
    const asked = write(1)
    const closing = dialect.close()
    release()
    await closing

    expect(await asked).toBe(1)
    expect(committed()).toEqual([1])
  })
})

/** Linux can forbid this process to let files grow: what SQLite then meets is what a full disk looks like. */
function limitFiles(size: string): void {
  execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${size}`])
}

function canLimitFiles(): boolean {
  try {
    execFileSync('prlimit', ['--version'])
    return true
  } catch {
    return false
  }
}
