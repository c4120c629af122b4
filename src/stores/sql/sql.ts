import type { Store } from '../store.js'
import { openDialect } from './open.js'
import { type SqlStoreOptions, storeOn } from './store-on.js'

export { sqlLegacyTokens } from './legacy-tokens.js'
export type { Column, UsersTable } from './own-users/users-table.js'

/**
 * A store in an SQL database. Nothing is opened before it is asked for, but an SQLite file.
 *
 * @param url `sqlite:` and a path (as SQLAlchemy writes it: `sqlite:///file.db` is relative, `sqlite:////file.db`
 *   absolute), `postgres://user:password@host:5432/database`, or the same with `mysql:`, `mariadb:` or `sqlserver:`
 * @param options.users an existing table in the same database in which the accounts live
 * @param options.queue so many may wait for the database (default 1000); further callers get `overloaded`
 * @throws ConfigurationError when the URL or the place cannot be used, or a driver is missing
 * @example sqlStore(url, { users: { table: 'users', columns: { id: 'user_id', email: 'email', passwordHash: 'password_hash' } } })
 */
export const sqlStore = (url: string, options: SqlStoreOptions = {}): Store =>
  storeOn(openDialect(url), options)
