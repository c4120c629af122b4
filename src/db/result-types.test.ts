import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { databases } from '../../test/db/databases.js'
import { trusted } from '../lib/trusted.js'
import { createDb, DatabaseError, type Db, type Value, type Values } from './db.js'

/** What docs/guides/queries.md says about each kind of value, there and back. */
const place = (name: string) => {
  const database = databases.find((each) => each.name === name)
  if (database === undefined) throw new Error(`There is no ${name}`)
  return database
}

const instant = new Date('2026-03-04T05:06:07.089Z')
const large = 9_007_199_254_740_993n

/** A process far from UTC: nothing may depend on where it runs. */
beforeEach(() => {
  vi.stubEnv('TZ', 'Asia/Kolkata')
  expect(new Date().getTimezoneOffset()).toBe(-330)
})

describe('sqlite', () => {
  const { open, fresh, close } = place('sqlite')
  let db: Db
  beforeAll(async () => {
    await open()
    db = createDb(await fresh())
    await db.sql`create table t (a, i integer, t text)`.none()
  })
  afterAll(async () => {
    await db.close()
    await close()
  })

  test.each<[Value, unknown, string]>([
    [5, 5, 'integer'],
    [5n, 5, 'integer'],
    [-0.5, -0.5, 'real'],
    [true, 1, 'integer'],
    [false, 0, 'integer'],
    [null, null, 'null'],
    ['ü 👑', 'ü 👑', 'text'],
    [instant, '2026-03-04T05:06:07.089Z', 'text'],
    [new Uint8Array([0, 255]), new Uint8Array([0, 255]), 'blob'],
    [JSON.stringify({ a: [1] }), '{"a":[1]}', 'text'],
  ])('%s comes back as %s, kept as %s', async (value, back, kind) => {
    await db.sql`delete from t`.none()
    await db.sql`insert into t (a) values (${value})`.none()

    expect(await db.sql`select a, typeof(a) as kind from t`.one()).toStrictEqual({ a: back, kind })
  })

  test('a whole number stays whole where text is kept', async () => {
    await db.sql`delete from t`.none()
    await db.sql`insert into t (t) values (${5})`.none()

    expect(await db.sql`select t from t`.one()).toEqual({ t: '5' })
  })

  test('a number with more digits than JavaScript holds is kept, and told rather than rounded', async () => {
    await db.sql`delete from t`.none()
    await db.sql`insert into t (i) values (${large})`.none()
    const asked = db.sql`select i from t`.one()

    await expect(asked).rejects.toBeInstanceOf(DatabaseError)
    await expect(asked).rejects.toMatchObject({
      code: 'bad_value',
      message: expect.stringMatching(/cast/),
    })
    expect(await db.sql`select cast(i as text) as i from t`.one()).toEqual({ i: String(large) })
  })
})

describe.skipIf(!place('postgres').isHere)('postgres', () => {
  const { open, fresh, close } = place('postgres')
  let db: Db
  beforeAll(async () => {
    await open()
    db = createDb(await fresh())
  })
  afterAll(async () => {
    await db?.close()
    await close()
  })

  const uuid = 'ad5c9e4e-0000-4000-8000-000000000001'
  test.each<[string, Values[number], unknown]>([
    ['integer', 5, 5],
    ['bigint', 5n, 5],
    ['bigint', large, large],
    ['bigint', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['bigint[]', [1, large], [1, large]],
    ['integer[]', [1, null], [1, null]],
    ['numeric', '1.10', '1.10'],
    ['numeric', 5.5, '5.5'],
    ['double precision', 0.1, 0.1],
    ['boolean', true, true],
    ['boolean', false, false],
    ['text', 'ü 👑', 'ü 👑'],
    ['text', null, null],
    ['text[]', ['a"b', '{}', null, 'NULL', '\\'], ['a"b', '{}', null, 'NULL', '\\']],
    ['uuid', uuid, uuid],
    ['uuid[]', [uuid], [uuid]],
    ['bytea', new Uint8Array([0, 255]), Buffer.from([0, 255])],
    ['timestamptz', instant, instant],
    ['timestamp', instant, instant],
    ['timestamptz[]', [instant], [instant]],
    ['timestamp[]', [instant, null], [instant, null]],
    ['timestamp', '0044-03-15 12:00:00 BC', new Date('-000043-03-15T12:00:00Z')],
    ['timestamp', 'infinity', Number.POSITIVE_INFINITY],
    ['date', '2026-03-04', '2026-03-04'],
    ['date', instant, '2026-03-04'],
    ['date[]', ['2026-03-04'], ['2026-03-04']],
    ['time', '05:06:07', '05:06:07'],
    ['jsonb', JSON.stringify({ a: [1, null] }), { a: [1, null] }],
    ['json', '[]', []],
  ])('%s: %o comes back as %o', async (type, value, back) => {
    const text = `create table t (a ${type})`
    await db.safeQuery('drop table if exists t')
    await db.safeQuery(text)
    await db.sql`insert into t values (${value})`.none()

    expect(await db.sql`select a from t`.one()).toStrictEqual({ a: back })
  })

  test('an instant is found again by itself, with and without a zone', async () => {
    const row = await db.sql`select ${instant}::timestamp = '2026-03-04 05:06:07.089' as plain,
      ${instant}::timestamptz = '2026-03-04 05:06:07.089+00' as zoned`.one()

    expect(row).toEqual({ plain: true, zoned: true })
  })

  test('one of many, by an array', async () => {
    const ids = trusted<number[]>([2, 3])

    expect(
      await db.sql`select n from generate_series(1, 5) as n where n = any(${ids})`.all(),
    ).toEqual([{ n: 2 }, { n: 3 }])
    expect(await db.sql`select 1 as n where 1 = any(${[]}::int[])`.all()).toEqual([])
  })

  test('what does not fit is a bad value, and is not repeated', async () => {
    const asked = db.sql`select ${'hunter2'}::integer`.one()

    await expect(asked).rejects.toMatchObject({ code: 'bad_value', sqlState: '22P02' })
    await expect(asked).rejects.not.toThrow(/hunter2/)
  })
})

describe.skipIf(!place('mysql').isHere)('mysql and mariadb', () => {
  const { open, fresh, close } = place('mysql')
  let db: Db
  beforeAll(async () => {
    await open()
    db = createDb(await fresh({ keep: true }))
  })
  afterAll(async () => {
    await db?.close()
    await close()
  })

  test.each<[string, Value, unknown]>([
    ['int', 5, 5],
    ['bigint', 5n, 5],
    ['bigint', large, String(large)],
    ['decimal(5, 2)', '1.10', '1.10'],
    ['double', 0.1, 0.1],
    ['boolean', true, 1],
    ['boolean', false, 0],
    ['varchar(9)', 'ü 👑', 'ü 👑'],
    ['varchar(9)', null, null],
    ['varbinary(9)', new Uint8Array([0, 255]), Buffer.from([0, 255])],
    ['datetime(3)', instant, instant],
    ['timestamp(3)', instant, instant],
    ['date', '2026-03-04', '2026-03-04'],
    ['time', '05:06:07', '05:06:07'],
  ])('%s: %o comes back as %o', async (type, value, back) => {
    const text = `create table t (a ${type} null) character set utf8mb4`
    await db.safeQuery('drop table if exists t')
    await db.safeQuery(text)
    await db.sql`insert into t values (${value})`.none()

    for (const row of [
      await db.sql`select a from t`.one(),
      await db.sql`select a from t where 1 = ${1}`.one(),
    ])
      expect(row).toStrictEqual({ a: back }) // as text, and in binary
  })

  test('instants are kept in UTC, the time of the server too', async () => {
    const row = await db.sql`select ${instant} = '2026-03-04 05:06:07.089' as same,
      abs(timestampdiff(second, now(), utc_timestamp())) as hours_apart`.one()

    expect(row).toEqual({ same: 1, hours_apart: 0 })
  })

  test('a limit is a value as any other', async () => {
    const limit = 1

    expect(await db.sql`select 1 as n union select 2 order by n limit ${limit}`.all()).toEqual([
      { n: 1 },
    ])
  })
})
