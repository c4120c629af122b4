import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import type { TrailReport } from '../../src/features/events/verify.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { openSqlite, type SqliteDatabase } from '../../src/stores/sql/sqlite/driver.js'
import { createTestClock } from '../../src/testing/clock.js'

/** whoever can write into the database, but has not the root secret, cannot change the trail unseen. */
const folder = mkdtempSync(join(tmpdir(), 'latchkey-trail-'))
const original = join(folder, 'original.db')
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const caller = { address: '192.0.2.1', userAgent: 'a "browser" é', requestId: 'request-1' }
const ada = { email: 'ada@example.com', password: 'a long and winding road' }

/** What the log of the first process said when it ended. */
let checkpoint = ''
let copies = 0

const open = (file: string, log?: (fields: object) => void) => {
  const tell = (fields: object): void => log?.(fields)
  const logs = { debug: tell, info: tell, warn: tell, error: tell }
  return createAuth({
    store: sqlStore(`sqlite:${file}`),
    secret,
    clock: createTestClock(),
    log: logs,
  })
}

/** Two processes, one after the other; the second did several things at once, so it has several lanes. */
beforeAll(async () => {
  const first = open(original, (fields) => {
    if ('checkpoint' in fields) checkpoint = String(fields.checkpoint)
  })
  await first.register(ada, caller)
  for (let count = 0; count < 4; count += 1) await first.login(ada, caller)
  await first.login({ ...ada, password: 'wrong' }, caller).catch(() => undefined)
  await first.close()
  const second = open(original)
  const grants = await Promise.all(Array.from({ length: 4 }, () => second.login(ada, caller)))
  await Promise.all(grants.map(({ refreshToken }) => second.refresh(refreshToken, caller)))
  await second.login(ada, caller)
  await second.close()
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What verifying says of a copy into which somebody has written. */
const verifiedAfter = async (
  change: (db: SqliteDatabase) => void,
  checkpoints: readonly string[] = [],
): Promise<TrailReport> => {
  copies += 1
  const file = join(folder, `copy-${copies}.db`)
  copyFileSync(original, file)
  const db = openSqlite(file)
  change(db)
  db.close()
  const auth = open(file)
  try {
    return await auth.trail.verify({ checkpoints })
  } finally {
    await auth.close()
    rmSync(file)
  }
}

const run =
  (...statements: string[]) =>
  (db: SqliteDatabase): void => {
    for (const sql of statements) db.exec(sql)
  }

const columns = [
  ...['id', 'type', 'at', 'outcome', 'actor_id', 'subject_id', 'session_id', 'address'],
  ...['user_agent', 'request_id', 'details', 'chain', 'number', 'mac'],
]

test('a trail that nobody touched is intact, also against what was kept elsewhere', async () => {
  expect(checkpoint).toMatch(/^lkc1\./)
  expect(await verifiedAfter(() => {}, [checkpoint])).toMatchObject({
    isIntact: true,
    unchained: 0,
    recorders: 2,
    findings: [],
  })
})

/** Statements, and what is found first. */
const attacks: Record<string, readonly [readonly string[], object]> = {
  'an event that says something else': [
    [`update latchkey_events set outcome = 'success' where outcome = 'failure'`],
    { what: 'changed' },
  ],
  'an event that is gone': [
    ['delete from latchkey_events where sequence = 3'],
    { what: 'missing', sequence: 4, number: 3 },
  ],
  'the first event is gone': [
    ['delete from latchkey_events where sequence = 1'],
    { what: 'missing', sequence: 2, number: 1 },
  ],
  'two events that have changed places': [
    [
      'update latchkey_events set sequence = -1 where sequence = 3',
      'update latchkey_events set sequence = 3 where sequence = 4',
      'update latchkey_events set sequence = 4 where sequence = -1',
    ],
    { what: 'missing', sequence: 3 },
  ],
  'two events that have changed numbers': [
    ['update latchkey_events set number = 7 - number where number in (3, 4)'],
    { what: 'missing', sequence: 3 },
  ],
  'an event that was moved to the end': [
    ['update latchkey_events set sequence = 1000 where sequence = 3'],
    { what: 'missing', sequence: 4 },
  ],
  'an event that stands there twice': [
    [copyOf('sequence', '1000', 'sequence = 3')],
    { what: 'repeated', sequence: 1000 },
  ],
  'an event that was made up': [
    [copyOf('number', '(select max(number) + 1 from latchkey_events)', 'sequence = 6', true)],
    { what: 'changed' },
  ],
  'an event that was made up, in no chain': [
    [
      `insert into latchkey_events (id, type, at, outcome, details) values ('x', 'login.succeeded', 1, 'success', '{}')`,
    ],
    { what: 'unchained', id: 'x' },
  ],
  'an event that no driver can read': [
    ['update latchkey_events set at = 9223372036854775807 where sequence = 3'],
    { what: 'unreadable', sequence: 2 },
  ],
  'an event that was taken out of its chain': [
    ['update latchkey_events set chain = null, number = null, mac = null where sequence = 3'],
    { what: 'unchained', sequence: 3 },
  ],
  'the newest event is gone': [
    ['delete from latchkey_events where sequence = (select max(sequence) from latchkey_events)'],
    { what: 'cut_off' },
  ],
  'a whole lane is gone': [
    [`delete from latchkey_events where chain like '%.1'`],
    { what: 'cut_off' },
  ],
  'the process that recorded them is gone': [
    ['delete from latchkey_recorders where number = 1'],
    { what: 'recorder_missing', number: 2 },
  ],
  'the last process is gone, its events are not': [
    ['delete from latchkey_recorders where number = 2'],
    { what: 'foreign' },
  ],
  'a process that has another number': [
    ['update latchkey_recorders set number = 3 where number = 2'],
    { what: 'recorder_missing' },
  ],
  'a process that began at another time': [
    ['update latchkey_recorders set started_at = started_at + 1 where number = 2'],
    { what: 'recorder_changed' },
  ],
  'a trail that is said to have begun before the chain': [
    ['update latchkey_recorders set is_trail_empty = 0 where number = 1'],
    { what: 'recorder_changed' },
  ],
  'a checkpoint that says something else': [
    [`update latchkey_recorders set checkpoint = replace(checkpoint, '.0:', '.1:')`],
    { what: 'checkpoint_changed' },
  ],
  'a checkpoint of another process': [
    [
      'update latchkey_recorders set checkpoint = (select checkpoint from latchkey_recorders where number = 1)',
    ],
    { what: 'checkpoint_changed' },
  ],
  'a checkpoint that is not there': [
    [`update latchkey_recorders set checkpoint = ''`],
    { what: 'checkpoint_changed' },
  ],
  'a checkpoint with the number of a newer one': [
    ['update latchkey_recorders set checkpoint_number = 999 where number = 1'],
    { what: 'checkpoint_changed' },
  ],
  'events that are said to have been pruned': [
    [
      `update latchkey_recorders set bases = 'lkb1.00.1.0:0:00:3:00.' || '${'0'.repeat(128)}', bases_number = 1 where number = 1`,
      'delete from latchkey_events where sequence <= 3',
    ],
    { what: 'bases_changed' },
  ],
}

/** The same event once more, with one column changed. */
function copyOf(column: string, value: string, where: string, atEnd = false): string {
  const kept = columns.filter((name) => name !== column)
  const names = column === 'sequence' ? ['sequence', ...kept] : [...kept, column]
  const values = column === 'sequence' ? [value, ...kept] : [...kept, value]
  const order = atEnd ? 'order by sequence desc limit 1' : ''
  return `insert into latchkey_events (${names}) select ${values} from latchkey_events where ${where} ${order}`
}

describe('A-208: found is', () => {
  test.each(Object.entries(attacks))('%s', async (_, [statements, finding]) => {
    const { isIntact, findings } = await verifiedAfter(run(...statements))

    expect(isIntact).toBe(false)
    expect(findings[0]).toMatchObject(finding)
  })

  test('a process and all of its events that are gone, by a checkpoint that was kept', async () => {
    const wiped = run('delete from latchkey_recorders', 'delete from latchkey_events')
    const { findings } = await verifiedAfter(wiped, [checkpoint])

    expect((await verifiedAfter(wiped)).isIntact).toBe(true) // without it nothing is left to tell
    expect(findings).toMatchObject([{ what: 'recorder_missing' }])
  })
})

const rowsOf = (table: string): Record<string, unknown>[] => {
  const db = openSqlite(original)
  const rows = db.prepare(`select * from ${table}`).all().map(toObject)
  db.close()
  return rows
}

describe('a single changed byte', () => {
  test('in any column of any event is found, and the event is named', async () => {
    const rows = rowsOf('latchkey_events')
    const place = fc.record({
      row: fc.nat(rows.length - 1),
      column: fc.constantFrom(...columns),
      index: fc.nat(),
      bit: fc.nat(6),
    })
    await fc.assert(
      fc.asyncProperty(place, async ({ row, column, index, bit }) => {
        const { sequence, [column]: value } = rows[row] ?? {}
        const changed = changedValue(value, index, bit)
        fc.pre(changed !== value)
        const { isIntact, findings } = await verifiedAfter((db) => {
          db.prepare(`update latchkey_events set ${column} = ? where sequence = ?`).run(
            changed,
            sequence,
          )
        })

        expect(isIntact).toBe(false)
        expect(findings[0]?.sequence).toBe(sequence)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  test('in the table of recorders is found, too', async () => {
    for (const recorder of rowsOf('latchkey_recorders')) {
      for (const [column, value] of Object.entries(recorder)) {
        const changed = changedValue(value, 7, 1)
        const { isIntact } = await verifiedAfter((copy) => {
          const sql = `update latchkey_recorders set ${column} = ? where id = ?`
          copy.prepare(sql).run(changed, recorder.id)
        })
        expect({ column, isIntact }).toEqual({ column, isIntact: false })
      }
    }
  })
})

const toObject = (row: unknown): Record<string, unknown> => ({ ...Object(row) })

/** With one bit of one of its bytes turned. A null or nothing at all becomes something. */
const changedValue = (value: unknown, index: number, bit: number): unknown => {
  if (value === 0 || value === 1) return 1 - value // a truth
  if (typeof value === 'number') return value + 2 ** bit
  const bytes = Buffer.from(String(value ?? ''))
  if (bytes.length === 0) return 'x'
  const at = index % bytes.length
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes.toString()
}
