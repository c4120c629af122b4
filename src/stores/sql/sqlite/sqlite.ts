import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { AuthError } from '../../../errors.js'
import { trusted } from '../../../lib/trusted.js'
import { localSecret } from '../../local-secret.js'
import { commonTypes } from '../column-types.js'
import type { Connection, Query, SqlDialect } from '../dialect.js'
import { builders } from '../kysely.js'
import type { SchemaQuestions } from '../schema-questions.js'
import { isUnknowable } from '../unknowable.js'
import { createBatch, shortPause, type Writer } from './batch.js'
import { isBusy, isReadOnly, isStorageFault, isUniqueViolation } from './faults.js'
import { secretFileOf } from './files.js'
import { openHandle, type SqliteHandle } from './handle.js'
import { createLogSync } from './log-sync.js'

/** Callers are told to come again after this; below what proxies and people wait for. */
const patienceMilliseconds = 4000
const migrationPatienceMilliseconds = 30_000

/** SQLite in this process: one handle writes in batches, one reads what is committed. */
export const sqliteDialect = (file: string): SqlDialect => {
  makePrivately(file)
  const writer = openHandle(file, { readOnly: false, leavesLog: true })
  const reader = openHandle(file, { readOnly: true })
  const connection = connectionOf(writer)
  const log = createLogSync(file)
  let isStale = false
  let isLogDoubtful = false
  const openAnew = (): void => {
    log.forget()
    writer.drop()
  }
  const batch = createBatch({
    ...writerOf(writer),
    begin: () => {
      if (isStale) openAnew() // here, where no transaction can be open
      isStale = false
      if (isLogDoubtful) mergeWhole(writer)
      isLogDoubtful = false
      writer.prepare('BEGIN IMMEDIATE').run()
    },
    commit: async () => {
      writer.prepare('COMMIT').run()
      if (!writer.leavesLog()) return
      await log.sync().catch((error: unknown) => {
        isLogDoubtful = true
        throw new AuthError('store_unavailable', { cause: error })
      })
    },
  })

  const transaction: SqlDialect['transaction'] = (work, patience = patienceMilliseconds) =>
    batch
      .enqueue(() => work(connection), patience)
      .catch((error: unknown) => {
        isStale ||= isReadOnly(error)
        throw unavailable(error)
      })
  const patientReader = patient(connectionOf(reader))

  return {
    name: 'sqlite',
    atOnce: 0, // every work waits for the batch it is written with
    isInProcess: true,
    // 64 MiB of pages: with the usual 2 MiB half the time goes into reading and writing leaves of the indexes
    beforeMany: 'PRAGMA cache_size = -65536',
    builder: builders.sqlite(),
    first: (query, limit) => query.limit(limit),
    nth: (query, place) => query.limit(1).offset(place - 1),
    columnTypes: async () => commonTypes,
    reader: patientReader,
    transaction,
    migration: (work) => transaction(work, migrationPatienceMilliseconds),
    ping: async () => {
      // 'select 1' alone would not look into the file
      await patientReader.rows({ sql: 'select count(*) from sqlite_schema', parameters: [] })
    },
    schema: sqliteSchema,
    explain: () => undefined,
    concerns: async () => [],
    isMissingTable: (error) => error instanceof Error && /no such table/.test(error.message),
    close: async () => {
      await batch.idle()
      reader.drop()
      openAnew()
    },
    localSecret: () => localSecret(secretFileOf(file)),
  }
}

const sqliteSchema: SchemaQuestions = {
  indexes: [
    'select t.name as table_name, l.name as index_name, l."unique" as is_unique, k.name as column_name',
    'from sqlite_schema t join pragma_index_list(t.name) l join pragma_index_info(l.name) k',
    "where t.type = 'table' and t.name like 'latchkey%' order by 1, 2, k.seqno",
  ].join(' '),
}

/** Hashes and addresses are nobody else's to read; SQLite gives its journals the permissions of the file. */
const makePrivately = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // only a new file: one that is there may be read-only, and is read all the same
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

const connectionOf = ({ prepare }: SqliteHandle): Connection => {
  const execute: Connection['execute'] = async ({ sql, parameters }) =>
    Number(prepare(sql).run(...parameters).changes)
  return {
    rows: async <Row>({ sql, parameters }: Query<Row>) =>
      trusted<Row[]>(parameters.some(isUnknowable) ? [] : prepare(sql).all(...parameters)),
    execute,
    send: async (query) => {
      await execute(query)
    },
    executeUnlessTaken: (query) =>
      execute(query).catch((error: unknown) => {
        if (isUniqueViolation(error)) return undefined // SQLite has undone the statement alone
        throw error
      }),
  }
}

/** Readers meet a closed door only while another process opens or closes the file or puts it right after a crash. */
const patient = ({ rows, ...others }: Connection): Connection => {
  const ask = async <Row>(query: Query<Row>, until: number): Promise<Row[]> => {
    try {
      return await rows(query)
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw unavailable(error)
    }
    await shortPause()
    return ask(query, until)
  }
  return { ...others, rows: (query) => ask(query, performance.now() + patienceMilliseconds) }
}

/**
 * What a disk has failed to take it may not be asked for again (it can say yes and mean nothing), so nothing more is put
 * behind it: everything goes into the file itself, and the log begins anew.
 *
 * @throws AuthError `store_unavailable`
 */
const mergeWhole = ({ prepare }: SqliteHandle): void => {
  const [outcome] = prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
  const [isBusy] = Object.values(outcome ?? {})
  if (isBusy !== 0) throw new AuthError('store_unavailable')
}

const writerOf = ({ prepare }: SqliteHandle): Omit<Writer, 'begin' | 'commit'> => {
  const run = (sql: string) => () => {
    prepare(sql).run()
  }
  const back = run('ROLLBACK TO work')
  const release = run('RELEASE work')
  return {
    rollback: run('ROLLBACK'),
    savepoint: run('SAVEPOINT work'),
    release,
    rollbackToSavepoint: () => {
      back()
      release()
    },
    tooLate: () => new AuthError('store_unavailable'),
    isFatal: isStorageFault,
    isBusy,
  }
}

const unavailable = (error: unknown): unknown =>
  isStorageFault(error) ? new AuthError('store_unavailable', { cause: error }) : error
