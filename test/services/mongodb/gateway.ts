import { createServer, type Server, type Socket } from 'node:net'
import { type Document, Timestamp } from 'bson'
import { Pool } from 'pg'
import { CommandError, commands, createCursors } from './commands.js'
import { type Refusal, refusal, toRefusal, toReply, writeErrorsOf } from './refusals.js'
import { createAnswered, createTransactions } from './transactions.js'
import { createFramer, type Message, readMessage, writeReply } from './wire.js'

export type GatewayOptions = {
  /** A PostgreSQL with the extension documentdb, as its superuser. */
  postgres: { host: string; port: number; user: string; password: string; database: string }
  topology: 'standalone' | 'replica set'
  /** 21 is MongoDB 7.0, 9 is 4.4, 8 is 4.2. */
  wireVersion?: number
  transactionLifetimeSeconds?: number
}

/**
 * MongoDB for tests: the wire protocol in front of DocumentDB. Access is not controlled: whoever sends a password is
 * told that it is wrong.
 */
export const startMongoGateway = async ({
  postgres,
  topology,
  wireVersion = 21,
  transactionLifetimeSeconds = 60,
}: GatewayOptions) => {
  const { host, port: enginePort, user, password, database } = postgres
  const login = { host, port: enginePort, user, password, database }
  const pool = new Pool({
    ...login,
    max: 60,
    options: '-c lock_timeout=3000 -c deadlock_timeout=20ms',
  })
  pool.on('error', () => undefined) // the next command of a lost connection says so
  pool.on('connect', (client) => client.on('error', () => undefined)) // nor may one that is in use end us
  const hasTransactions = topology === 'replica set'
  const cursors = createCursors()
  const transactions = createTransactions(pool, transactionLifetimeSeconds)
  const answered = createAnswered()
  const patiently = createPatience()
  const sockets = new Set<Socket>()
  const faults = { isFrozen: false, refused: new Map<string, Refusal>(), lost: '', times: 0 }
  const heard = new Map<string, Document>()
  let server: Server | undefined
  let port = 0

  const hello = (): Document => ({
    ok: 1,
    ismaster: true,
    isWritablePrimary: true,
    helloOk: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    minWireVersion: 0,
    maxWireVersion: wireVersion,
    logicalSessionTimeoutMinutes: 30,
    ...(hasTransactions && {
      setName: 'rs0',
      setVersion: 1,
      secondary: false,
      hosts: [`127.0.0.1:${port}`],
      primary: `127.0.0.1:${port}`,
      me: `127.0.0.1:${port}`,
      lastWrite: { opTime: { ts: new Timestamp({ t: 1, i: 1 }), t: 1 }, lastWriteDate: new Date() },
    }),
  })

  /** What the gateway answers without asking the engine. */
  const own: Readonly<Record<string, (command: Document) => Document | Promise<Document>>> = {
    hello,
    ismaster: hello,
    isMaster: hello,
    ping: () => ({ ok: 1 }),
    buildInfo: async () => {
      const { rows } = await pool.query('select documentdb_api.binary_version() as engine')
      return { ok: 1, version: '7.0.0', versionArray: [7, 0, 0, 0], engine: rows[0].engine }
    },
    endSessions: () => ({ ok: 1 }),
    getParameter: () => ({ ok: 1, transactionLifetimeLimitSeconds: transactionLifetimeSeconds }),
    getMore: cursors.nextPage,
    killCursors: cursors.kill,
    commitTransaction: transactions.commit,
    abortTransaction: transactions.abort,
    saslStart: () => toReply(refusal(18, 'AuthenticationFailed', 'Authentication failed.')),
  }

  const answer = async (name: string, command: Document): Promise<Document> => {
    const refused = faults.refused.get(name)
    if (refused !== undefined) return toReply(refused)
    if (command.autocommit === false && !hasTransactions) throw new CommandError(noTransactions)
    const known = own[name]
    if (known !== undefined) return known(command)
    const run = commands[name]
    if (run === undefined) {
      throw new CommandError(refusal(59, 'CommandNotFound', `no such command: '${name}'`))
    }
    const reply =
      command.autocommit === false
        ? await transactions.run(command, (client) => conflictAsError(run(client, command)))
        : await answered(command, () => patiently(resuming(command, (rest) => run(pool, rest))))
    return reply.cursor === undefined ? reply : cursors.firstPage(reply, command)
  }

  const answerOrRefuse = async (name: string, command: Document): Promise<Document> => {
    try {
      return await answer(name, command)
    } catch (error) {
      const given = refusalOf(error)
      if (given === undefined) throw error
      const isTransient = command.autocommit === false && [112, 251].includes(given.code)
      return toReply(given, isTransient ? ['TransientTransactionError'] : [])
    }
  }

  const serve = async (socket: Socket, message: Message): Promise<void> => {
    const name = Object.keys(message.command)[0] ?? ''
    heard.set(name, message.command)
    const reply = await answerOrRefuse(name, message.command)
    if (faults.isFrozen) return
    if (faults.lost === name && faults.times > 0) {
      faults.times -= 1
      socket.destroy()
    } else socket.write(writeReply(message, reply))
  }

  const accept = (socket: Socket): void => {
    const frames = createFramer()
    let last = Promise.resolve()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      for (const frame of frames(chunk)) {
        // a lost PostgreSQL looks like a lost server
        last = last.then(() => serve(socket, readMessage(frame))).catch(() => void socket.destroy())
      }
    })
  }

  const start = async (): Promise<void> => {
    const started = createServer({ noDelay: true }, accept)
    await new Promise<void>((done, fail) => {
      started.once('error', fail).listen(port, '127.0.0.1', done)
    })
    const address = started.address()
    port = typeof address === 'object' && address !== null ? address.port : port
    server = started
  }

  const stop = async (): Promise<void> => {
    const stopped = server
    server = undefined
    for (const socket of sockets) socket.destroy()
    if (stopped !== undefined) await new Promise((done) => stopped.close(done))
    await transactions.abortAll()
  }

  await start()
  return {
    url: (database: string, query = ''): string =>
      `mongodb://127.0.0.1:${port}/${database}${query}`,
    /** Again on the same port. */
    start,
    /** Closes the port and all connections, as a killed server does. */
    stop,
    close: async (): Promise<void> => {
      await stop()
      await pool.end()
    },
    /** From now on nothing is answered; connections stay open. */
    freeze: (): void => {
      faults.isFrozen = true
    },
    thaw: (): void => {
      faults.isFrozen = false
      for (const socket of sockets) socket.destroy()
    },
    /** The next commands of this name happen, and their answers are lost with the connection. */
    loseAnswerTo: (name: string, times = 1): void => {
      Object.assign(faults, { lost: name, times })
    },
    /** The last command of this name, as it came. */
    heard: (name: string): Document | undefined => heard.get(name),
    refuse: (name: string, given: Refusal | undefined): void => {
      if (given === undefined) faults.refused.delete(name)
      else faults.refused.set(name, given)
    },
  }
}
export type MongoGateway = Awaited<ReturnType<typeof startMongoGateway>>

const noTransactions = refusal(
  20,
  'IllegalOperation',
  'Transaction numbers are only allowed on a replica set member or mongos',
)

/** Inside a transaction a conflict is the answer to the whole command. */
const conflictAsError = async (running: Promise<Document>): Promise<Document> => {
  const reply = await running
  const conflict = writeErrorsOf(reply).find(({ code }) => code === 112)
  if (conflict === undefined) return reply
  throw new CommandError(refusal(112, 'WriteConflict', conflict.errmsg))
}

/** An insert that met a conflict goes on behind what it has written: once more, that would be in its own way. */
const resuming = (
  command: Document,
  run: (command: Document) => Promise<Document>,
): (() => Promise<Document>) => {
  if (command.insert === undefined) return () => run(command)
  let written = 0
  return async () => {
    const reply = await run({ ...command, documents: command.documents.slice(written) })
    const before = written
    for (const error of writeErrorsOf(reply)) {
      if (error.code === 112) written += Number(error.index)
      error.index = before + Number(error.index)
    }
    return { ...reply, n: before + Number(reply.n) }
  }
}

/**
 * Outside of transactions the server itself tries again until nobody is in the way: one after the other, because those
 * who insert the same key at the same time are a deadlock to PostgreSQL, again and again.
 */
const createPatience = () => {
  let last: Promise<unknown> = Promise.resolve()
  return async (run: () => Promise<Document>): Promise<Document> => {
    const until = performance.now() + 3000
    const insist = (): Promise<Document> => attempt().then((reply) => reply ?? insist())
    const attempt = async (): Promise<Document | undefined> => {
      try {
        return await conflictAsError(run())
      } catch (error) {
        if (refusalOf(error)?.code === 112 && performance.now() < until) return undefined
        throw error
      }
    }
    const reply = await attempt()
    if (reply !== undefined) return reply
    const retried = last.then(insist)
    last = retried.catch(() => undefined)
    return retried
  }
}

const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof CommandError) return error.refusal
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined
  const state = String(error.code)
  return state.startsWith('57P') ? undefined : toRefusal(state, error.message)
}
