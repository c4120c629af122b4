import type { RawBuilder } from 'kysely'
import { AuthError, ConfigurationError } from '../../../errors.js'
import type { ProfileChange, User, UserStore } from '../../../features/accounts/store.js'
import type { Connection, SqlDialect } from '../dialect.js'
import { sql } from '../kysely.js'
import { columnsOf, nameOf, type OwnRow, toUser, type UsersTable } from './users-table.js'

type Dialect = Pick<SqlDialect, 'name' | 'builder' | 'reader'>

/**
 * Accounts in a table of the host's own, in the same transactions as sessions and events. What is written to a column of
 * addresses or names is their canonical spelling, unless that has a column of its own: so the host's unique constraints
 * keep two from taking one. Roles are read and never written; a column that is missing is never asked for.
 */
export const ownUsers = (dialect: Dialect, table: UsersTable) => {
  const { builder, name: server } = dialect
  const { columns, id: idKind = 'uuid' } = table
  const columnNames = columnsOf(table)
  const place = sql.table(table.table)
  const column = (member: keyof User): RawBuilder<unknown> | undefined => {
    const [, name] = columnNames.find(([known]) => known === member) ?? []
    return name === undefined ? undefined : sql.ref(name)
  }
  const [idColumn, hashColumn] = [sql.ref(columns.id), sql.ref(nameOf(columns.passwordHash))]
  const { passwordHash } = columns
  /** What stands there for an account without a password. */
  const noHash = typeof passwordHash === 'object' ? passwordHash.ifNull : null
  const all = sql.join(
    columnNames.map(([member, name]) => sql`${sql.ref(name)} as ${sql.id(member)}`),
  )
  // asIs: the texts are the host's, and are kept as the host would keep them
  const query = (text: RawBuilder<unknown>) => ({ ...text.compile(builder), asIs: true })

  /** Undefined for an id that the column cannot hold: nobody has it, and the server would complain. */
  const idValue = (id: string): string | number | undefined => {
    if (idKind === 'integer') return /^\d{1,15}$/.test(id) ? Number(id) : undefined
    return idKind === 'text' || uuid.test(id) ? id : undefined
  }
  /** The id came from the sequence already, which `generated always` would have asked itself. */
  const ownId = idKind === 'integer' && server === 'postgres' ? sql`overriding system value` : sql``
  const truth = (value: boolean): boolean | number =>
    server === 'postgres' ? value : Number(value)
  const instant = (value: Date): string =>
    server === 'mysql' ? value.toISOString().slice(0, 23).replace('T', ' ') : value.toISOString()

  const cells = (part: Partial<User>): [keyof User, unknown][] =>
    columnNames.flatMap(([member]): [keyof User, unknown][] => {
      const value = valueFor(member, part)
      if (value === undefined || member === 'roles') return []
      const spec = columns[member]
      const ifNull = typeof spec === 'object' ? spec.ifNull : null
      if (value === null) return [[member, ifNull]]
      if (value instanceof Date) return [[member, instant(value)]]
      return [[member, typeof value === 'boolean' ? truth(value) : value]]
    })
  const valueFor = (member: keyof User, part: Partial<User>): unknown => {
    if (member === 'email' && columns.canonicalEmail === undefined) return part.canonicalEmail
    if (member === 'username' && columns.canonicalUsername === undefined)
      return part.canonicalUsername
    return part[member]
  }

  return (connection: Connection): UserStore => {
    const select = async (where: RawBuilder<unknown>): Promise<User[]> => {
      const text = sql`select ${all} from ${place} where ${where}`
      return (await connection.rows<OwnRow>(query(text))).map((row) => toUser(row, table))
    }
    const find = async (id: string): Promise<User | undefined> => {
      const value = idValue(id)
      return value === undefined ? undefined : (await select(sql`${idColumn} = ${value}`))[0]
    }
    /** Where two rows differ in spelling only, nobody can tell whose the password should be: nobody is found. */
    const findBy = async (
      canonical: 'canonicalEmail' | 'canonicalUsername',
      typed: 'email' | 'username',
      value: string,
    ): Promise<User | undefined> => {
      const found = await named(canonical, typed, value)
      return found.length === 1 ? found[0] : undefined
    }
    /** Those who have the name to the byte, whatever `lower` and the collation of the column make of others. */
    const named = async (
      canonical: 'canonicalEmail' | 'canonicalUsername',
      typed: 'email' | 'username',
      value: string,
    ): Promise<User[]> => {
      const own = column(canonical)
      const other = column(typed)
      if (own === undefined && other === undefined) return []
      const where = own === undefined ? sql`lower(${other}) = ${value}` : sql`${own} = ${value}`
      return (await select(where)).filter((user) => user[canonical] === value)
    }
    const isTaken = async (typed: 'email' | 'username', value: string | null, exceptId: string) => {
      if (value === null) return false
      const canonical = typed === 'email' ? 'canonicalEmail' : 'canonicalUsername'
      return (await named(canonical, typed, value)).some(({ id }) => id !== exceptId)
    }
    /** What has no column could only be lost. */
    const refuseHomeless = (username: string | null | undefined): void => {
      if (username && columns.username === undefined) {
        const detail = 'Accounts have no usernames here.'
        throw new AuthError('invalid_body', {
          fields: [{ field: 'username', code: 'unknown_field', detail }],
        })
      }
    }
    const update = async (
      id: string,
      part: Partial<User>,
      where: RawBuilder<unknown> = sql`1 = 1`,
    ): Promise<number | undefined> => {
      const value = idValue(id)
      if (value === undefined) return 0
      const set = cells(part).map(([member, cell]) => sql`${column(member)} = ${cell}`)
      // without a column to note it in, the row is locked all the same
      const changes = set.length === 0 ? sql`${hashColumn} = ${hashColumn}` : sql.join(set)
      return connection.executeUnlessTaken(
        query(sql`update ${place} set ${changes} where ${idColumn} = ${value} and ${where}`),
      )
    }
    const hashIs = (hash: string | null) => {
      const kept = hash ?? noHash
      return kept === null ? sql`${hashColumn} is null` : sql`${hashColumn} = ${kept}`
    }
    const isActive = () => {
      const active = column('isActive')
      return active === undefined ? sql`1 = 1` : sql`${active} = ${truth(true)}`
    }

    return {
      find,
      findByEmail: (email) => findBy('canonicalEmail', 'email', email),
      findByUsername: (username) => findBy('canonicalUsername', 'username', username),
      ...(idKind === 'integer' && { makeId: () => makeId(connection) }),
      createIfAbsent: async (user) => {
        refuseHomeless(user.username)
        if (await isTaken('email', user.canonicalEmail, user.id)) return 'email_taken'
        if (await isTaken('username', user.canonicalUsername, user.id)) return 'username_taken'
        const { id: _id, ...others } = user
        const values = cells(others)
        const names = sql.join([idColumn, ...values.map(([member]) => column(member))])
        const row = sql.join([idValue(user.id), ...values.map(([, cell]) => cell)])
        const text = sql`insert into ${place} (${names}) ${ownId} values (${row})`
        if ((await connection.executeUnlessTaken(query(text))) !== undefined) return 'created'
        if (await isTaken('email', user.canonicalEmail, user.id)) return 'email_taken'
        if (await isTaken('username', user.canonicalUsername, user.id)) return 'username_taken'
        throw new Error('The id of a new account is taken')
      },
      updateProfile: async (id, change: ProfileChange, now) => {
        refuseHomeless(change.username)
        if (await isTaken('username', change.canonicalUsername ?? null, id)) {
          return (await find(id)) === undefined ? 'missing' : 'username_taken'
        }
        const updated = await update(id, { ...change, updatedAt: now })
        if (updated === undefined) return 'username_taken'
        return updated === 1 ? 'updated' : 'missing'
      },
      replacePasswordHash: async (id, from, to, now) =>
        (await update(id, { passwordHash: to, updatedAt: now }, hashIs(from))) === 1,
      setActive: async (id, active, now) => {
        if (column('isActive') === undefined) throw new AuthError('registration_closed')
        return (await update(id, { isActive: active, updatedAt: now })) === 1
      },
      verifyEmail: async (id, { canonicalEmail, dropsPassword, now }) => {
        const verified = column('emailVerified')
        // where it cannot be noted, nobody is let in because of it
        if (verified === undefined && dropsPassword) throw new AuthError('registration_closed')
        if (verified === undefined) return false
        const holders = await named('canonicalEmail', 'email', canonicalEmail)
        if (!holders.some((holder) => holder.id === id)) return false
        const part = { emailVerified: true, updatedAt: now }
        const where = sql`${verified} = ${truth(false)}`
        const proved = dropsPassword ? { ...part, passwordHash: null } : part
        return (await update(id, proved, where)) === 1
      },
      recordLogin: async (id, hash, now) =>
        (await update(id, { lastLoginAt: now }, sql`${hashIs(hash)} and ${isActive()}`)) === 1,
      remove: async (id) => {
        const value = idValue(id)
        if (value === undefined) return false
        const text = sql`delete from ${place} where ${idColumn} = ${value}`
        return (await connection.execute(query(text))) === 1
      },
      list: async ({ afterId, limit }) => {
        const after = afterId === undefined ? undefined : idValue(afterId)
        const where = after === undefined ? sql`1 = 1` : sql`${idColumn} > ${after}`
        const top = server === 'sqlserver' ? sql`top(${sql.lit(limit)})` : sql``
        const most = server === 'sqlserver' ? sql`` : sql`limit ${sql.lit(limit)}`
        const text = sql`select ${top} ${all} from ${place} where ${where} order by ${idColumn} ${most}`
        return (await connection.rows<OwnRow>(query(text))).map((row) => toUser(row, table))
      },
    }
  }

  /** Of the sequence behind a serial or identity column. */
  async function makeId(connection: Connection): Promise<string> {
    if (server !== 'postgres') throw new AuthError('registration_closed')
    const sequence = sql`pg_get_serial_sequence(${table.table}, ${columns.id})`
    const text = sql`select nextval(${sequence}) as id`
    const [row] = await connection.rows<{ id: number | null }>(query(text))
    if (row?.id === null || row === undefined) throw new AuthError('registration_closed')
    return String(row.id)
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws ConfigurationError that names whatever the table lacks, all at once */
export const requireTable = async (
  { builder, reader }: Dialect,
  table: UsersTable,
): Promise<void> => {
  const exists = (what: RawBuilder<unknown>): Promise<boolean> =>
    reader
      .rows(sql`select ${what} from ${sql.table(table.table)} where 1 = 0`.compile(builder))
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof AuthError) throw error
          return false
        },
      )
  const refuse = (detail: string): never => {
    throw new ConfigurationError([{ option: 'users', detail }])
  }
  if (!(await exists(sql`1`)))
    refuse(`name a table ${table.table} that is not there, or that may not be read`)
  const names = Object.values(table.columns).map(nameOf)
  const missing: string[] = []
  for (const name of names) if (!(await exists(sql.ref(name)))) missing.push(name)
  if (missing.length > 0)
    refuse(`name columns that the table ${table.table} does not have: ${missing.join(', ')}`)
}
