import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  createDb,
  DatabaseError,
  type DatabaseErrorCode,
  type Db,
  list,
  type Row,
} from '../../src/db/db.js'

/** Checked by tsc, which the test command runs first: an expected error that does not come is an error. */
const User = z.object({ id: z.number(), name: z.string().optional() })
type User = z.infer<typeof User>

const calls = (db: Db) => ({
  one: () => db.safeQuery('select 1', [], { fetch: 'one' }),
  all: () => db.safeQuery('select 1', [1, 'a', null, true, 5n, new Date(), new Uint8Array()]),
  allToo: () => db.safeQuery('select 1', undefined, { fetch: 'all' }),
  none: () => db.safeQuery('select 1', [], { fetch: 'none' }),
  promised: () => db.safeQuery<User>('select 1', [], { fetch: 'one' }),
  checkedOne: () => db.safeQuery('select 1', [], { fetch: 'one', schema: User }),
  checkedAll: () => db.safeQuery('select 1', [], { schema: User }),
  template: () => db.sql`select ${1}, ${[1, null]}, ${list(['a'])}`.all(),
  templateOne: () => db.sql`select 1`.one(User),
  templateOwn: () => db.sql`select 1`.all({ parse: (row) => ({ row }) }),
  templateNone: () => db.sql`select 1`.none(),
  transaction: () => db.transaction(({ sql }) => sql`select 1`.one<User>()),
})

test('what is fetched decides what comes back', () => {
  type Calls = ReturnType<typeof calls>
  expectTypeOf<Calls['one']>().returns.resolves.toEqualTypeOf<Row | undefined>()
  expectTypeOf<Calls['all']>().returns.resolves.toEqualTypeOf<Row[]>()
  expectTypeOf<Calls['allToo']>().returns.resolves.toEqualTypeOf<Row[]>()
  expectTypeOf<Calls['none']>().returns.resolves.toEqualTypeOf<number>()
  expectTypeOf<Calls['promised']>().returns.resolves.toEqualTypeOf<User | undefined>()
  expectTypeOf<Calls['checkedOne']>().returns.resolves.toEqualTypeOf<User | undefined>()
  expectTypeOf<Calls['checkedAll']>().returns.resolves.toEqualTypeOf<User[]>()
  expectTypeOf<Calls['template']>().returns.resolves.toEqualTypeOf<Row[]>()
  expectTypeOf<Calls['templateOne']>().returns.resolves.toEqualTypeOf<User | undefined>()
  expectTypeOf<Calls['templateOwn']>().returns.resolves.toEqualTypeOf<{ row: unknown }[]>()
  expectTypeOf<Calls['templateNone']>().returns.resolves.toEqualTypeOf<number>()
  expectTypeOf<Calls['transaction']>().returns.resolves.toEqualTypeOf<User | undefined>()
})

test('what is no value does not compile', () => {
  const wrong = (db: Db) => [
    // @ts-expect-error undefined is no value
    () => db.safeQuery('select %s', [undefined]),
    // @ts-expect-error an object is no value
    () => db.safeQuery('select %s', [{ $ne: null }]),
    // @ts-expect-error values come in an array
    () => db.safeQuery('select %s', 'ada'),
    // @ts-expect-error there is no such way to fetch
    () => db.safeQuery('select 1', [], { fetch: 'many' }),
    // @ts-expect-error nothing is fetched that a schema could check
    () => db.safeQuery('select 1', [], { fetch: 'none', schema: User }),
    // @ts-expect-error an object is no value
    () => db.sql`select ${{ a: 1 }}`,
    // @ts-expect-error statements do not hold statements
    () => db.sql`select ${db.sql`select 1`}`,
    // @ts-expect-error a template is no function of text
    () => db.sql('select 1'),
  ]
  expectTypeOf(wrong).toBeFunction()
  expectTypeOf(createDb).returns.toEqualTypeOf<Db>()
})

test('failures are a closed list', () => {
  expectTypeOf(new DatabaseError('failed', '').code).toEqualTypeOf<DatabaseErrorCode>()
  expectTypeOf<'unique'>().toExtend<DatabaseErrorCode>()
  expectTypeOf<string>().not.toExtend<DatabaseErrorCode>()
})
