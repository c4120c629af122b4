import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { databases } from '../../test/db/databases.js'
import { failure, usersTable } from '../../test/db/users-table.js'
import { trusted } from '../lib/trusted.js'
import { createDb, DatabaseError, type Db, list } from './db.js'

const hostile = [
  "' OR '1'='1",
  "admin'--",
  "'; DROP TABLE users; --",
  '"; DROP TABLE users; --',
  "\\'; DROP TABLE users; --",
  "' UNION SELECT name, 1 FROM users --",
  "1' AND SLEEP(5)--",
  '1); SELECT pg_sleep(5); --',
  '$1',
  '%s',
  '%%',
  '?',
  '%',
  '_',
  '\\',
  '$$; drop table users; $$',
  '/*',
  '--',
  '{{7*7}}',
  '`id`',
  "\u02bc' or 1=1",
  '💥\u0000'.slice(0, 2),
]

describe.each(databases)('queries on $name', (database) => {
  describe.skipIf(!database.isHere)('with a table of users', () => {
    const users = usersTable(database)
    const { add, count } = users
    let db: Db
    beforeAll(async () => {
      db = await users.open()
    })
    beforeEach(() => users.empty())
    afterAll(() => users.close())

    test('one, all and none, as safe_query was called', async () => {
      expect(await add(1, 'ada')).toBe(1)
      expect(await add(2, 'bob')).toBe(1)
      const userId = 1

      expect(
        await db.safeQuery('SELECT * FROM users WHERE id = %s', [userId], { fetch: 'one' }),
      ).toStrictEqual({ id: 1, name: 'ada' })
      expect(
        await db.safeQuery('SELECT * FROM users WHERE id = $1', [9], { fetch: 'one' }),
      ).toBeUndefined()
      expect(await db.safeQuery('SELECT name FROM users ORDER BY id')).toStrictEqual([
        { name: 'ada' },
        { name: 'bob' },
      ])
      expect(
        await db.safeQuery('update users set id = id + 10 where id < %s', [9], {
          fetch: 'none',
        }),
      ).toBe(2)
      expect(await db.safeQuery('delete from users where id = %s', [7], { fetch: 'none' })).toBe(0)
      expect(await db.safeQuery('select * from users', [], { fetch: 'none' })).toBe(0)
    })

    test('the template does the same', async () => {
      const [id, name] = [1, "o'brien"]

      expect(await db.sql`insert into users (id, name) values (${id}, ${name})`.none()).toBe(1)
      expect(
        await db.sql`select name from users where id = ${id} or id = ${id}`.one(),
      ).toStrictEqual({
        name,
      })
      expect(await db.sql`select id from users where name = ${'nobody'}`.one()).toBeUndefined()
      expect(await db.sql`select id from users where id in (${list([1, 2, 3])})`.all()).toEqual([
        { id: 1 },
      ])
    })

    test('a template sends nothing before it is told what to fetch, and may be sent twice', async () => {
      const insert = db.sql`insert into users (id, name) select count(*) + 1, count(*) from users where name <> ${'a'}`

      expect(await count()).toBe(0)
      await insert.none()
      await insert.none()
      expect(await count()).toBe(2)
    })

    test.skipIf(!database.hasReturning)('what is inserted comes back at once', async () => {
      const row = await db.safeQuery(
        'insert into users (id, name) values ($1, $2) returning id, name',
        [1, 'ada'],
        { fetch: 'one' },
      )

      expect(row).toEqual({ id: 1, name: 'ada' })
      expect(await count()).toBe(1)
    })

    test.each(hostile)('A-201 A-202: %j is a value and nothing else', async (value) => {
      await add(1, 'ada')
      await add(2, value)
      const ways = [
        await db.safeQuery('select id from users where name = %s', [value]),
        await db.safeQuery('select id from users where name = $1 and $1 = name', [value]),
        await db.sql`select id from users where name = ${value}`.all(),
        await db.sql`select id from users where name in (${list([value])})`.all(),
      ]

      expect(ways).toEqual(Array(4).fill([{ id: 2 }]))
      expect(await count()).toBe(2)
    })

    test.each(hostile.filter((text) => /;/.test(text)))(
      'A-202: put into the text against all advice, %j runs no second statement',
      async (value) => {
        await add(1, 'ada')
        const error = await failure(() =>
          db.safeQuery(`select * from users where name = '${value}'`),
        ).catch(() => undefined) // some are one strange statement
        if (error) expect(['refused', 'invalid']).toContain(error.code)

        expect(await count()).toBe(1)
      },
    )

    test.each([
      ['undefined', undefined, /undefined/],
      ['an object', { $ne: null }, /an object, which is no value of SQL/],
      ['an object that writes itself', { toString: () => '1', toPostgres: () => '1' }, /an object/],
      [
        'an object that the driver would take for text',
        { toSqlString: () => '1 or 1' },
        /an object/,
      ],
      ['a function', () => 1, /a function/],
      ['a symbol', Symbol('a'), /a symbol/],
      ['no number', Number.NaN, /NaN/],
      ['no end', Number.POSITIVE_INFINITY, /Infinity/],
      ['no date', new Date(Number.NaN), /no date/],
      ['a map', new Map(), /an object/],
      ['an array of objects', [{ a: 1 }], /an object|an array/],
      ['an array of arrays', [[1]], /an array/],
      ['a hole', [undefined], /undefined|an array/],
    ])('%s is no value', async (_, value, sentence) => {
      const values = trusted<[string]>([value])
      const errors = [
        await failure(() => db.safeQuery('select * from users where name = %s', values)),
        await failure(() => db.sql`select * from users where name = ${values[0]}`.all()),
      ]

      for (const { code, message } of errors) {
        expect(code).toBe('refused')
        expect(message).toMatch(sentence)
      }
    })

    test('a value has a place of its own in a template', async () => {
      const x = 'a'
      for (const prepared of [
        () => db.sql`select '${x}'`,
        () => db.sql`select 1 -- ${x}`,
        () => db.sql`select "${x}"`,
        () => db.sql`select ${1}${x}`,
        () => db.sql`select ${1}5`,
        () => db.sql`select $1, ${x}`,
        () => db.sql`select t${x} from users`,
      ]) {
        expect(await failure(() => prepared().all())).toMatchObject({ code: 'refused' })
      }
      expect(await failure(async () => db.sql(trusted('select 1')).all())).toMatchObject({
        code: 'refused',
      })
      expect(await failure(async () => list([]))).toMatchObject({ code: 'refused' })
    })

    test('a wrong number of values says how many', async () => {
      const error = await failure(() => db.safeQuery('select %s, %s', [1]))

      expect(error.message).toBe('The statement takes 2 values, and 1 came with it')
      expect(error.statement).toBe('select %s, %s')
    })

    test('a wrong call is refused', async () => {
      const wrong = [
        () => db.safeQuery(trusted(5)),
        () => db.safeQuery('select %s', trusted('text')),
        () => db.safeQuery('select 1', [], trusted({ fetch: 'many' })),
      ]
      for (const call of wrong) expect(await failure(call)).toMatchObject({ code: 'refused' })
    })

    test('what fails is told by a code, and no value is in what logs write', async () => {
      const secret = 'hunter2-secret'
      await add(1, secret)
      const errors = {
        unique: await failure(() => add(2, secret)),
        not_null: await failure(() =>
          db.safeQuery('insert into users (id, name) values ($1, null)', [3]),
        ),
        invalid: await failure(() => db.safeQuery('slect %s', [secret])),
        'invalid too': await failure(() =>
          db.safeQuery('select nothing from users where name = %s', [secret]),
        ),
      }

      for (const [code, error] of Object.entries(errors)) {
        expect(code).toContain(error.code)
        expect(error.message.length).toBeGreaterThan(20)
        expect(error.statement).toBeTruthy()
        expect(error.driverError).toBeInstanceOf(Error)
        expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('hunter2')
      }
      if (database.hasReturning) expect(errors.unique.constraint).toMatch(/users.*name/)
      expect(errors['invalid too'].message).toMatch(/nothing/)
    })

    test('rows are what their schema says', async () => {
      await add(1, 'ada')
      const User = z.object({ id: z.number(), name: z.string().toUpperCase() })
      const Wrong = z.object({ id: z.string(), name: z.string() })
      const own = { parse: (row: unknown) => ({ text: JSON.stringify(row) }) }
      const text = 'select * from users'

      expect(await db.safeQuery(text, [], { fetch: 'one', schema: User })).toEqual({
        id: 1,
        name: 'ADA',
      })
      expect(await db.sql`select * from users`.all(User)).toEqual([{ id: 1, name: 'ADA' }])
      expect(await db.sql`select * from users`.one(own)).toEqual({ text: '{"id":1,"name":"ada"}' })
      for (const schema of [Wrong, { parse: (row: unknown) => Wrong.parse(row) }]) {
        const error = await failure(() => db.safeQuery(text, [], { schema }))
        expect(error).toMatchObject({ code: 'unexpected_row', statement: text })
        expect(error.message).toContain('(id)')
      }
    })

    test('many at once: each insert happens, one of each name', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, id) =>
          add(id, `user ${id % 20}`).catch((error) =>
            error instanceof DatabaseError ? error.code : error,
          ),
        ),
      )

      expect(outcomes.filter((outcome) => outcome === 1)).toHaveLength(20)
      expect(outcomes.filter((outcome) => outcome === 'unique')).toHaveLength(20)
    })

    test('a closed database is closed', async () => {
      const db = createDb(await database.fresh())
      await db.sql`select 1`.one()
      await db.close()

      expect(await failure(() => db.safeQuery('select 1'))).toMatchObject({ code: 'refused' })
      expect(await failure(() => db.transaction(async () => {}))).toMatchObject({ code: 'refused' })
    })
  })
})
