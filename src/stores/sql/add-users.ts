import type { Kysely } from 'kysely'
import type { Addition, User, UserStore } from '../../features/accounts/store.js'
import { trusted } from '../../lib/trusted.js'
import { addedOf, additionsTo, type Occupied, textsOf } from '../additions.js'
import type { Connection, Query, SqlDialect } from './dialect.js'
import type { Schema, UserRow } from './schema.js'

const table = 'latchkey_users'
const keys = ['id', 'canonical_email', 'canonical_username'] as const
const members = {
  id: 'id',
  canonical_email: 'canonicalEmail',
  canonical_username: 'canonicalUsername',
} as const

/** Rows of a statement: 14 values each, and SQL Server takes 2100 in all. Few sizes, so that each is prepared once. */
const mostAtOnce = 100
const sizes = [mostAtOnce, 10, 1]

type Parts = Pick<SqlDialect, 'builder' | 'beforeMany'> & {
  columns: readonly (keyof UserRow & string)[]
  toRow(user: User): UserRow
}

/** Many accounts at once: written first, and only where somebody is in the way looked up. */
export const sqlAdditions = ({ builder, beforeMany, columns, toRow }: Parts) => {
  let isPrepared = beforeMany === undefined
  const insertOf = createTexts((count) => insertText(builder, columns, count))
  const insert = (users: readonly User[]): Query => ({
    ...insertOf(users.length),
    parameters: users.map(toRow).flatMap((row) => columns.map((column) => row[column])),
  })
  const lookUpBy = (key: Key) => createTexts((count) => lookUpText(builder, key, count))
  const lookUps = {
    id: lookUpBy('id'),
    canonical_email: lookUpBy('canonical_email'),
    canonical_username: lookUpBy('canonical_username'),
  }

  return (connection: Connection): Required<Pick<UserStore, 'addMany' | 'tryMany'>> => {
    /** Whose id, address or name one of these has. */
    const inTheWay = async (users: readonly User[]): Promise<Occupied[]> => {
      const found: OccupiedRow[] = []
      for (const key of keys) {
        const values = textsOf(users, members[key])
        if (values.length === 0) continue
        const size = sizes.findLast((size) => size >= values.length) ?? values.length
        const parameters = Array.from({ length: size }, (_, at) => values[at] ?? values[0])
        found.push(...(await connection.rows<OccupiedRow>({ ...lookUps[key](size), parameters })))
      }
      return found.map(toOccupied)
    }
    const tryToAdd = async (users: readonly User[]): Promise<boolean> =>
      users.length === 0 || (await connection.executeUnlessTaken(insert(users))) !== undefined

    const addSome = async (users: readonly User[]): Promise<readonly Addition[]> => {
      const hoped = additionsTo([], users)
      if (hoped.every((each) => each === 'created') && (await tryToAdd(users))) return hoped
      const additions = additionsTo(await inTheWay(users), users)
      const added = addedOf(users, additions)
      // those that are left have a size that no statement is kept for
      if (sizes.includes(added.length) && (await tryToAdd(added))) return additions
      const outcomes = new Map<User, Addition>()
      for (const some of inSizes(
        added,
        sizes.filter((size) => size < users.length || size === 1),
      ))
        for (const [user, outcome] of await addFew(some)) outcomes.set(user, outcome)
      return users.map((user, index) => outcomes.get(user) ?? additions[index] ?? 'present')
    }
    /** Together, or one by one where another caller came in between. */
    const addFew = async (users: readonly User[]): Promise<[User, Addition][]> => {
      if (await tryToAdd(users)) return users.map((user) => [user, 'created'])
      const outcomes: [User, Addition][] = []
      for (const user of users) {
        const isAdded = users.length > 1 && (await tryToAdd([user]))
        const [outcome] = isAdded ? [] : additionsTo(await inTheWay([user]), [user])
        if (outcome === 'created')
          throw new Error('An account met one that was gone when looked for')
        outcomes.push([user, outcome ?? 'created'])
      }
      return outcomes
    }

    return {
      addMany: async (users) => {
        const additions: Addition[] = []
        if (beforeMany !== undefined && !isPrepared && users.length >= mostAtOnce) {
          isPrepared = true
          await connection.rows({ sql: beforeMany, parameters: [] })
        }
        for (const some of inSizes(users, sizes)) additions.push(...(await addSome(some)))
        return additions
      },
      tryMany: async (users) => {
        const present: Occupied[] = []
        for (const some of inSizes(users, sizes)) present.push(...(await inTheWay(some)))
        return additionsTo(present, users)
      },
    }
  }
}

type Key = (typeof keys)[number]
type OccupiedRow = Pick<UserRow, Key>

const toOccupied = (row: OccupiedRow): Occupied => ({
  id: row.id,
  canonicalEmail: row.canonical_email,
  canonicalUsername: row.canonical_username,
})

type Text = { name: string; sql: string }

let count = 0

/** A text for each size, built at its first use. */
const createTexts = (build: (size: number) => string): ((size: number) => Text) => {
  const built = new Map<number, Text>()
  return (size) => {
    const known = built.get(size)
    if (known !== undefined) return known
    count += 1
    const text = { name: `latchkey_many_${count}`, sql: build(size) }
    built.set(size, text)
    return text
  }
}

const insertText = (db: Kysely<Schema>, columns: Parts['columns'], rows: number): string => {
  const blank = trusted<UserRow>(Object.fromEntries(columns.map((column) => [column, ''])))
  const blanks = Array.from({ length: rows }, () => blank)
  return db.insertInto(table).values(blanks).compile().sql
}

const lookUpText = (db: Kysely<Schema>, key: Key, values: number): string => {
  const blanks = Array.from({ length: values }, () => '')
  return db.selectFrom(table).select(keys).where(key, 'in', blanks).compile().sql
}

/** In parts of these sizes, the largest first. */
function* inSizes<Member>(all: readonly Member[], sizes: readonly number[]): Generator<Member[]> {
  let at = 0
  while (at < all.length) {
    const size = sizes.find((size) => size <= all.length - at) ?? 1
    yield all.slice(at, at + size)
    at += size
  }
}
