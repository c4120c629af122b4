import { AuthError, ConfigurationError } from '../../errors.js'
import { withOwnTransactions } from '../own-transactions.js'
import type { Ports, Store } from '../store.js'
import { oneByOne } from '../with-ports.js'
import { sqlAttempts } from './attempts.js'
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

/** The store that stands on a dialect, with accounts in a table of the host's own where one is given. */
export const storeOn = (dialect: SqlDialect, ownTable?: UsersTable): Store => {
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
    dialect.transaction((connection) => {
      const inside = ports.get(connection) ?? portsOn(connection)
      ports.set(connection, inside)
      return work(inside)
    })

  const outside = withOwnTransactions(portsOn(dialect.reader), transaction)

  return {
    name: dialect.name,
    ...outside,
    places: [{ name: dialect.name, ping: dialect.ping, ...(dialect.now && { now: dialect.now }) }],
    transaction,
    findSessionAndUser:
      ownTable !== undefined || dialect.isInProcess
        ? oneByOne(outside)
        : findSessionAndUser(dialect),
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
