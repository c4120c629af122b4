import { AuthError, ConfigurationError } from '../../errors.js'
import { storeLine } from '../admission.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import { oneByOne } from '../with-ports.js'
import { sqlAttempts } from './attempts.js'
import { bounded } from './bounded.js'
import type { Connection, SqlDialect } from './dialect.js'
import { sqlEvents } from './events.js'
import { sqlIdentities } from './identities.js'
import { sqlKeys } from './keys.js'
import { migrate, migrationScript, pendingMigrations } from './migrate.js'
import { ownUsers, requireTable } from './own-users/own-users.js'
import type { UsersTable } from './own-users/users-table.js'
import { sqlRecorders } from './recorders.js'
import { mayMakeTables, schemaConcerns } from './schema-concerns.js'
import { findSessionAndUser } from './session-and-user.js'
import { sqlSessions } from './sessions.js'
import { sqlSpent } from './spent.js'
import { sqlUsers } from './users.js'

export type SqlStoreOptions = {
  /** An existing table in the same database in which the accounts live. */
  users?: UsersTable
  /** So many may wait for the database before callers are told to come again. Default 1000 */
  queue?: number
}

/** The store that stands on a dialect, with accounts in a table of the host's own where one is given. */
export const storeOn = (
  dialect: SqlDialect,
  { users: ownTable, queue }: SqlStoreOptions = {},
): Store => {
  const line = storeLine(dialect.name, queue)
  const door = bounded(dialect, line)
  const [users, sessions, keys, events, attempts, recorders, identities, spent] = [
    ownTable === undefined ? sqlUsers(dialect) : ownUsers(dialect, ownTable),
    sqlSessions(dialect),
    sqlKeys(dialect),
    sqlEvents(dialect),
    sqlAttempts(dialect),
    sqlRecorders(dialect),
    sqlIdentities(dialect),
    sqlSpent(dialect),
  ]
  const portsOn = (connection: Connection): Ports => ({
    users: users(connection),
    sessions: sessions(connection),
    keys: keys(connection),
    events: events(connection),
    attempts: attempts(connection),
    recorders: recorders(connection),
    identities: identities(connection),
    spent: spent(connection),
  })
  const ports = new WeakMap<Connection, Ports>()
  const transaction: Store['transaction'] = (work) =>
    door.transaction((connection) => {
      const inside = ports.get(connection) ?? portsOn(connection)
      ports.set(connection, inside)
      return work(inside)
    })

  const outside = withOwnTransactions(portsOn(door.reader), transaction)

  return {
    name: dialect.name,
    ...outside,
    places: [{ name: dialect.name, ping: dialect.ping, ...(dialect.now && { now: dialect.now }) }],
    lines: [line],
    transaction,
    findSessionAndUser:
      ownTable !== undefined || dialect.isInProcess ? oneByOne(outside) : findSessionAndUser(door),
    migrate: async () => {
      const done = await explained(dialect, migrate)
      if (ownTable !== undefined) await requireTable(dialect, ownTable)
      return done
    },
    pendingMigrations: () => explained(dialect, pendingMigrations),
    migrationScript: () => explained(dialect, migrationScript),
    concerns: async () => [...(await dialect.concerns()), ...(await schemaConcerns(dialect))],
    mayMigrate: () => mayMakeTables(dialect),
    close: () => dialect.close(),
    ...(dialect.localSecret && { localSecret: dialect.localSecret }),
  }
}

/** Says in the operator's words what only they can mend. */
const explained = async <Result>(
  dialect: SqlDialect,
  run: (dialect: SqlDialect) => Promise<Result>,
): Promise<Result> => {
  try {
    return await run(dialect)
  } catch (error) {
    const detail = dialect.explain(error instanceof AuthError ? error.cause : error)
    throw detail === undefined ? error : new ConfigurationError([{ option: 'store', detail }])
  }
}
