import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { databases } from '../../test/db/databases.js'
import { failure, usersTable } from '../../test/db/users-table.js'
import type { Db } from './db.js'

describe.each(databases)('transactions on $name', (database) => {
  describe.skipIf(!database.isHere)('with a table of users', () => {
    const users = usersTable(database)
    const { add, count } = users
    let db: Db
    beforeAll(async () => {
      db = await users.open()
    })
    beforeEach(() => users.empty())
    afterAll(() => users.close())

    test('a transaction happens as a whole', async () => {
      const result = await db.transaction(async ({ safeQuery, sql }) => {
        await safeQuery('insert into users (id, name) values (%s, %s)', [1, 'ada'], {
          fetch: 'none',
        })
        return sql`select name from users`.one()
      })

      expect(result).toEqual({ name: 'ada' })
      expect(await count()).toBe(1)
    })

    test('a transaction that throws is undone, and what it threw is thrown on', async () => {
      const own = new Error('Connection timeout of our own making')
      const work = db.transaction(async ({ sql }) => {
        await sql`insert into users (id, name) values (1, ${'ada'})`.none()
        throw own
      })

      await expect(work).rejects.toBe(own)
      expect(await count()).toBe(0)
    })

    test('a transaction in which a statement failed is undone, caught or not', async () => {
      await add(1, 'ada')
      const insert = "insert into users (id, name) values (2, 'ada')"
      for (const wanted of [true, false]) {
        const error = await failure(() =>
          db.transaction(async ({ sql, safeQuery }) => {
            await sql`insert into users (id, name) values (3, 'eve')`.none()
            await safeQuery(insert, [], { fetch: 'none' }).catch((error) => {
              if (wanted) throw error
            })
          }),
        )
        expect(error).toMatchObject({ code: 'unique', statement: insert })
      }

      expect(await count()).toBe(1)
    })

    test('a schema that says no undoes the transaction too', async () => {
      const schema = z.object({ id: z.string() })
      const error = await failure(() =>
        db.transaction(async ({ sql }) => {
          await sql`insert into users values (1, 'ada')`.none()
          await sql`select id from users`.one(schema)
        }),
      )

      expect(error.code).toBe('unexpected_row')
      expect(await count()).toBe(0)
    })

    test('inside of a transaction there is one way to the database, and none after its end', async () => {
      const kept: Db['sql'][] = []
      await db.transaction(async ({ sql }) => {
        kept.push(sql)
        expect(await failure(() => db.safeQuery('select 1'))).toMatchObject({ code: 'refused' })
        expect(await failure(() => db.transaction(async () => {}))).toMatchObject({
          code: 'refused',
        })
      })

      const [lateSql = db.sql] = kept
      const late = await failure(async () => lateSql`select 1`.one())
      expect(late.message).toMatch(/has ended/)
    })

    test('of many transactions that count, none is lost', async () => {
      await add(0, 'counter')
      await Promise.all(
        Array.from({ length: 10 }, () =>
          db.transaction(async ({ sql }) => {
            await sql`update users set id = id + 1 where name = ${'counter'}`.none()
            expect(await sql`select id from users`.one()).toBeDefined()
          }),
        ),
      )

      expect(await db.sql`select id from users`.one()).toEqual({ id: 10 })
    })
  })
})
