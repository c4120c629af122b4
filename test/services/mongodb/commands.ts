import { type Document, Long, serialize } from 'bson'
import type { Pool, PoolClient } from 'pg'
import { type Refusal, refusal, toRefusal, unpackState, writeErrorsOf } from './refusals.js'
import { parse } from './wire.js'

/** A refusal with a number, thrown by a command. */
export class CommandError extends Error {
  readonly refusal: Refusal

  constructor(given: Refusal) {
    super(given.errmsg)
    this.refusal = given
  }
}

/** Members that every command may have and that are no business of the engine. */
const envelope = new Set([
  ...['$db', '$clusterTime', '$readPreference', 'lsid', 'txnNumber', 'startTransaction'],
  ...['autocommit', 'readConcern', 'writeConcern', 'maxTimeMS', 'comment', 'cursor', 'batchSize'],
])
const everything = 1_000_000
const bson = '$2::bytea::documentdb_core.bson'

type Run = (client: Pool | PoolClient, command: Document) => Promise<Document>

const call =
  (sql: string) =>
  async (client: Pool | PoolClient, command: Document, part: Document = {}): Promise<Document> => {
    const own = Object.entries(command).filter(([name]) => !envelope.has(name))
    const spec = Buffer.from(serialize({ ...Object.fromEntries(own), ...part }))
    // named, so that PostgreSQL plans it once for a connection
    const [name] = /documentdb_api\w*\.(\w+)/.exec(sql) ?? []
    const { rows } = await client.query({ name, text: sql, values: [command.$db, spec] })
    return parse(rows[0].answer)
  }

const writing = (name: string): Run => {
  const run = call(`select p_result::bytea as answer from documentdb_api.${name}($1, ${bson})`)
  return async (client, command) => {
    const reply = await run(client, command)
    for (const error of writeErrorsOf(reply)) {
      const { code, errmsg } = toRefusal(unpackState(Number(error.code)), String(error.errmsg))
      Object.assign(error, { code, errmsg })
    }
    return reply
  }
}

/** All in one page; the gateway cuts it to the size that was asked for. */
const reading = (name: string, part: Document): Run => {
  const sql = `select cursorpage::bytea as answer from documentdb_api.${name}_cursor_first_page($1, ${bson})`
  return (client, command) => call(sql)(client, command, part)
}

const counting = (name: string): Run =>
  call(`select document::bytea as answer from documentdb_api.${name}_query($1, ${bson})`)

const plain =
  (sql: string, member: string): Run =>
  async (client, command) => {
    const { rows } = await client.query(sql, [command.$db, command[member]])
    if (rows[0].done === true || member === '$db') return { ok: 1 }
    throw new CommandError(
      member === 'create'
        ? refusal(48, 'NamespaceExists', 'The collection exists already')
        : refusal(26, 'NamespaceNotFound', 'ns not found'),
    )
  }

export const commands: Readonly<Record<string, Run>> = {
  insert: writing('insert'),
  update: writing('update'),
  delete: writing('delete'),
  findAndModify: writing('find_and_modify'),
  find: reading('find', { batchSize: everything }),
  aggregate: reading('aggregate', { cursor: { batchSize: everything } }),
  listCollections: reading('list_collections', { cursor: { batchSize: everything } }),
  listIndexes: reading('list_indexes', { cursor: { batchSize: everything } }),
  count: counting('count'),
  distinct: counting('distinct'),
  createIndexes: call(
    `select documentdb_api_internal.create_indexes_non_concurrently($1, ${bson}, true)::bytea as answer`,
  ),
  create: plain('select documentdb_api.create_collection($1, $2) as done', 'create'),
  drop: plain('select documentdb_api.drop_collection($1, $2) as done', 'drop'),
  dropDatabase: plain(
    'select documentdb_api.drop_database($1) is null as done where $2::text is not null',
    '$db',
  ),
}

/** Pages of answers that were longer than one. */
export const createCursors = () => {
  const open = new Map<string, { ns: unknown; rest: unknown[] }>()
  let count = 0

  const firstPage = (reply: Document, command: Document): Document => {
    const { ns, firstBatch } = reply.cursor
    const size = Number(command.batchSize ?? command.cursor?.batchSize ?? 101)
    if (firstBatch.length <= size || command.singleBatch === true) return reply
    count += 1
    open.set(String(count), { ns, rest: firstBatch.slice(size) })
    return {
      ok: 1,
      cursor: { id: Long.fromNumber(count), ns, firstBatch: firstBatch.slice(0, size) },
    }
  }

  const nextPage = (command: Document): Document => {
    const id = String(command.getMore)
    const cursor = open.get(id)
    if (cursor === undefined) {
      throw new CommandError(refusal(43, 'CursorNotFound', `cursor id ${id} not found`))
    }
    const nextBatch = cursor.rest.splice(0, Number(command.batchSize ?? everything))
    const isDone = cursor.rest.length === 0
    if (isDone) open.delete(id)
    return { ok: 1, cursor: { id: isDone ? Long.ZERO : command.getMore, ns: cursor.ns, nextBatch } }
  }

  const kill = ({ cursors }: Document): Document => {
    for (const id of cursors) open.delete(String(id))
    return { ok: 1, cursorsKilled: cursors }
  }

  return { firstPage, nextPage, kill }
}
