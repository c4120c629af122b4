import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteFile } from '../../stores/sql/sqlite/files.js'
import type { Store } from '../../stores/store.js'
import type { ServerSettings } from '../env.js'
import { openStore } from '../server.js'
import { exitCodes } from './exit-codes.js'
import type { Output } from './output.js'
import type { Verb } from './verb.js'
import { lastingSettings } from './with-auth.js'

/** latchkey migrate */
export const migrate: Verb<{ check?: boolean; sql?: boolean }> = async ({
  options,
  envFile,
  output,
}) => {
  const settings = lastingSettings({ envFile })
  if (options.check) return looking(settings, (store) => check(store, output))
  if (options.sql) return looking(settings, (store) => printScript(store, output))
  await opened(settings, async (store) => {
    const applied = await output.waiting('bringing the database up to date', () => store.migrate())
    output.result({ applied }, () =>
      applied.length === 0 ? nothingToDo : list('The database is up to date. These ran:', applied),
    )
  })
}

const nothingToDo = 'Nothing to do: the database is up to date.'

const list = (title: string, names: readonly string[]): string =>
  [title, ...names.map((name) => `  ${name}`)].join('\n')

const check = async (store: Store, output: Output): Promise<void> => {
  const pending = await store.pendingMigrations()
  output.result({ pending }, () =>
    pending.length === 0
      ? nothingToDo
      : list('These have not run; latchkey migrate runs them:', pending),
  )
  if (pending.length > 0) process.exitCode = exitCodes.pending
}

/** Nothing but the script goes to the standard output, so that it can be sent on to the tools of the database. */
const printScript = async (store: Store, output: Output): Promise<void> => {
  const pending = await store.pendingMigrations()
  const script = await store.migrationScript()
  if (output.json) return output.result({ pending, sql: script }, () => script)
  process.stdout.write(script)
  if (script === '') process.stderr.write(`${nothingToDo}\n`)
}

/** Opening an SQLite file makes it. Where there is none, an empty one that is thrown away says what is to be done. */
const looking = async (
  settings: ServerSettings,
  look: (store: Store) => Promise<void>,
): Promise<void> => {
  const file = sqliteFile(settings.databaseUrl)
  if (file === undefined || existsSync(file)) return opened(settings, look)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  try {
    await opened({ ...settings, databaseUrl: `sqlite:${join(folder, 'empty.db')}` }, look)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const opened = async (
  settings: ServerSettings,
  work: (store: Store) => Promise<void>,
): Promise<void> => {
  const store = openStore(settings)
  try {
    await work(store)
  } finally {
    await store.close()
  }
}
