import type { User } from '../../../features/accounts/store.js'

/** A table of the host's own in which accounts live, and which of its columns hold what. */
export type UsersTable = {
  /** Its name, with the schema before it where one is needed: 'users', 'app.users'. */
  table: string
  /**
   * What the primary key is. 'uuid' and 'text' ids are made here (UUIDv7); 'integer' ids by the sequence of the column, on
   * PostgreSQL only, elsewhere nobody can register. Default 'uuid'
   */
  id?: 'uuid' | 'text' | 'integer'
  columns: { id: string; passwordHash: Column } & Partial<Record<OptionalMember, Column>>
}

/** The name of a column, or one that holds no null: `ifNull` stands there for null. */
export type Column = string | { column: string; ifNull: string }

type OptionalMember =
  | 'email'
  | 'canonicalEmail'
  | 'username'
  | 'canonicalUsername'
  | 'firstName'
  | 'lastName'
  | 'emailVerified'
  | 'isActive'
  | 'roles'
  | 'createdAt'
  | 'updatedAt'
  | 'lastLoginAt'

/** A row as the statements give it: members of a user, in the types of the host's columns. */
export type OwnRow = Partial<Record<keyof User, unknown>>

export const nameOf = (column: Column): string =>
  typeof column === 'string' ? column : column.column

/** Members of a user that have a column, with its name. */
export const columnsOf = ({ columns }: UsersTable): [member: keyof User, column: string][] =>
  userMembers.flatMap((member): [keyof User, string][] => {
    const column: Column | undefined = columns[member]
    return column === undefined ? [] : [[member, nameOf(column)]]
  })

const userMembers = [
  'id',
  'passwordHash',
  'email',
  'canonicalEmail',
  'username',
  'canonicalUsername',
  'firstName',
  'lastName',
  'emailVerified',
  'isActive',
  'roles',
  'createdAt',
  'updatedAt',
  'lastLoginAt',
] as const

type TextMember = 'email' | 'username' | 'firstName' | 'lastName' | 'passwordHash'

/** Reads a row; what the table has no column for is what an account without it would have. */
export const toUser = (row: OwnRow, { columns }: UsersTable): User => {
  const text = (member: TextMember): string | null => {
    const column = columns[member]
    const value = row[member]
    if (value === null || value === undefined) return null
    return typeof column === 'object' && column.ifNull === value ? null : String(value)
  }
  const [email, username] = [text('email'), text('username')]
  const createdAt = toInstant(row.createdAt) ?? new Date(0)
  return {
    id: String(row.id),
    email,
    canonicalEmail: textOr(row.canonicalEmail, email === null ? undefined : foldCase(email)),
    username,
    canonicalUsername: textOr(
      row.canonicalUsername,
      username === null ? undefined : foldCase(username),
    ),
    firstName: text('firstName'),
    lastName: text('lastName'),
    emailVerified: isTrue(row.emailVerified),
    isActive: columns.isActive === undefined || isTrue(row.isActive),
    roles: toRoles(row.roles),
    passwordHash: text('passwordHash'),
    createdAt,
    updatedAt: toInstant(row.updatedAt) ?? createdAt,
    lastLoginAt: toInstant(row.lastLoginAt),
  }
}

/** ASCII only: elsewhere different names would meet, as in the Kelvin sign, whose lower case is an ordinary k. */
const foldCase = (text: string): string =>
  text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

const textOr = (value: unknown, otherwise: string | undefined): string | null =>
  typeof value === 'string' ? value : (otherwise ?? null)

const isTrue = (value: unknown): boolean => value === true || value === 1 || value === 't'

/** A column of dates, of milliseconds, or of texts, which are UTC unless they say otherwise. */
const toInstant = (value: unknown): Date | null => {
  if (value instanceof Date) return value
  if (typeof value === 'number') return new Date(value)
  if (typeof value !== 'string' || value === '') return null
  const hasZone = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(value)
  return new Date(hasZone ? value : `${value.replace(' ', 'T')}Z`)
}

/** A list of the database, a list as JSON, or one role by itself. */
const toRoles = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string' || value === '') return []
  if (!value.startsWith('[')) return [value]
  const list: unknown = JSON.parse(value)
  return Array.isArray(list) ? list.map(String) : []
}
