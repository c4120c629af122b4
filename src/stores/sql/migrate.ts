import type { Compilable } from 'kysely'
import { ConfigurationError } from '../../errors.js'
import { systemClock } from '../../lib/clock.js'
import type { SqlDialect } from './dialect.js'
import { sql } from './kysely.js'
import { migrations } from './migrations/migrations.js'

/** Migrations: run in order, each once, by one instance while the others wait. */
const table = 'latchkey_migrations'

export const migrate = async (dialect: SqlDialect): Promise<string[]> => {
  // a server whose schema is right must be able to start while nothing can be written
  const applied = await appliedIn(dialect, dialect.migrationReader)
  if (applied === migrations.length) return []
  return dialect.migration(async (connection) => {
    const done: string[] = []
    for (const { name, steps } of await pendingSteps(dialect)) {
      for (const step of steps) await connection.execute(step.compile())
      done.push(name)
    }
    return done
  })
}

export const pendingMigrations = async (dialect: SqlDialect): Promise<string[]> =>
  migrations.slice((await appliedIn(dialect)) ?? 0).map(({ name }) => name)

/** What `migrate` would run, in the words of this server. */
export const appliedMigrations = async (dialect: SqlDialect): Promise<number> =>
  (await appliedIn(dialect)) ?? 0

export const migrationScript = async (dialect: SqlDialect): Promise<string> => {
  const pending = await pendingSteps(dialect)
  const statements = pending
    .map(({ name, steps }) => {
      const lines = steps.map((step) => `${step.compile().sql};\n`)
      return `-- ${name}\n${lines.join('')}\n`
    })
    .join('')
  return statements === '' ? '' : (dialect.script?.(statements) ?? statements)
}

/** All that has to run, the notes of what ran among it. */
const pendingSteps = async (
  dialect: SqlDialect,
): Promise<{ name: string; steps: Compilable[] }[]> => {
  // outside of the migration's own transaction, which a missing table would spoil; nobody else is at work
  const applied = await appliedIn(dialect, dialect.migrationReader)
  const { builder } = dialect
  const types = await dialect.columnTypes()
  const notes = builder.schema
    .createTable(table)
    .addColumn('number', types.integer, (column) => column.primaryKey())
    .addColumn('name', types.text(100), (column) => column.notNull())
    .addColumn('applied_at', types.instant, (column) => column.notNull())
  return [...migrations.entries()].slice(applied ?? 0).map(([index, { name, up }]) => ({
    name,
    steps: [
      ...(index === 0 && applied === undefined ? [notes] : []),
      ...up(builder, types),
      builder.insertInto(table).values({
        number: sql.lit(index + 1),
        name: sql.lit(name),
        applied_at: sql.lit(systemClock().getTime()),
      }),
    ],
  }))
}

/** How many have run; undefined on an empty database. @throws ConfigurationError when the schema is newer than this code */
const appliedIn = async (
  dialect: SqlDialect,
  reader = dialect.reader,
): Promise<number | undefined> => {
  const query = dialect.builder.selectFrom(table).selectAll().orderBy('number')
  const rows = await reader
    .rows<{ number: number; name: string }>(query.compile())
    .catch((error: unknown) => {
      if (dialect.isMissingTable(error)) return undefined
      throw error
    })
  const newest = rows?.at(-1)
  if (newest !== undefined && newest.number > migrations.length) {
    throw new ConfigurationError([
      {
        option: 'store',
        detail: `was set up by a newer latchkey (its schema is at ${newest.name}, this version knows ${migrations.length}). Run that version or a later one.`,
      },
    ])
  }
  return rows?.length
}
