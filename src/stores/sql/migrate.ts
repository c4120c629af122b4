import { ConfigurationError } from '../../errors.js'
import { systemClock } from '../../lib/clock.js'
import type { Connection, SqlDialect } from './dialect.js'
import { migrations } from './migrations/migrations.js'

/** Migrations: run in order, each once, all inside one transaction that keeps other instances waiting. */
const table = 'latchkey_migrations'
const patienceMilliseconds = 30_000

export const migrate = async (dialect: SqlDialect): Promise<string[]> => {
  // a server whose schema is right must be able to start while the file cannot be written
  if ((await pendingMigrations(dialect)).length === 0) return []
  return dialect.transaction((connection) => runPending(connection, dialect), patienceMilliseconds)
}

const runPending = async (connection: Connection, dialect: SqlDialect): Promise<string[]> => {
  await connection.execute(
    dialect.builder.schema
      .createTable(table)
      .ifNotExists()
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'varchar(100)', (column) => column.notNull())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .compile(),
  )
  const done: string[] = []
  for (const [index, { name, up }] of pendingOf(await appliedOn(connection, dialect))) {
    for (const step of up(dialect.builder)) await connection.execute(step.compile())
    const row = { number: index + 1, name, applied_at: systemClock().getTime() }
    await connection.execute(dialect.builder.insertInto(table).values(row).compile())
    done.push(name)
  }
  return done
}

export const pendingMigrations = async (dialect: SqlDialect): Promise<string[]> => {
  const applied = await appliedOn(dialect.reader, dialect).catch((error: unknown) => {
    if (dialect.isMissingTable(error)) return 0
    throw error
  })
  return pendingOf(applied).map(([, { name }]) => name)
}

/** How many have run. @throws ConfigurationError when the schema is newer than this code */
const appliedOn = async (connection: Connection, { builder }: SqlDialect): Promise<number> => {
  const query = builder.selectFrom(table).selectAll().orderBy('number')
  const rows = await connection.rows<{ number: number; name: string }>(query.compile())
  const newest = rows.at(-1)
  if (newest !== undefined && newest.number > migrations.length) {
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `was set up by a newer latchkey (its schema is at ${newest.name}, this version knows ${migrations.length}). Run that version or a later one.`,
      },
    ])
  }
  return rows.length
}

const pendingOf = (applied: number) => [...migrations.entries()].slice(applied)
