import type { Duplex } from 'node:stream'
import type { ConnectionOptions, Connection as MysqlConnection } from 'mysql2'
import { trusted } from '../../../lib/trusted.js'
import type { Query } from '../dialect.js'
import type { SqlAddress } from '../url.js'
import { discreet, isFatal, isReadOnly } from './faults.js'
import type { Member } from './pool.js'

export type Module = typeof import('mysql2')

/** Rows of a query, or how many rows a statement met. */
export type Answer = { rows: unknown[]; count: number }

/** A connection that is set up as we need it, whatever the server's settings are. */
export type Session = Member & {
  ask(query: Query): Promise<Answer>
  /** Ends it at once; what it is asked for fails. */
  destroy(): void
}

export type SessionOptions = {
  address: SqlAddress
  /** How long a statement may take; 0 for as long as it needs. */
  answerMilliseconds: number
  /** How long it may wait for a row or a table that others hold. */
  lockSeconds: number
}

/** Opens a connection of `mysql2`. @throws its errors, without what they tell of the statement */
export const openSession = async (
  { createConnection }: Module,
  { address, answerMilliseconds, lockSeconds }: SessionOptions,
): Promise<Session> => {
  const connection = createConnection(configOf(address))
  const session = sessionOn(connection, address.prepare)
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(discreet(error)) : resolve()))
    })
    const patient = bounded(session, answerMilliseconds)
    // the first of them answers late where connections are slow to make
    for (const sql of setUp(lockSeconds)) await patient.ask({ sql, parameters: [] })
    return patient
  } catch (error) {
    session.destroy()
    throw error
  }
}

const configOf = (address: SqlAddress): ConnectionOptions => ({
  ...(address.socket === undefined
    ? { host: address.host, port: address.port }
    : { socketPath: address.socket }),
  user: address.user,
  password: address.password,
  database: address.database,
  connectTimeout: address.timeoutMilliseconds,
  charset: 'UTF8MB4_BIN',
  stringifyObjects: true, // an object is never read as a list of columns
  flags: ['-LOCAL_FILES'], // no server reads our files
  supportBigNumbers: true, // what a number cannot hold comes as text and not as another number
  timezone: 'Z',
  dateStrings: ['DATE'], // a day is no instant
  maxPreparedStatements: 100,
  ...(address.tls !== undefined && {
    ssl: {
      ...address.tls,
      verifyIdentity: address.tls.rejectUnauthorized && !address.tls.checkServerIdentity,
    },
  }),
})

/**
 * Servers ignore the character set a client asks for, begin no transactions by themselves or too many, cut what is too
 * long. A silent connection is ended in a minute, and on MariaDB one that is silent in a transaction much sooner: the locks
 * of a stopped instance are free then.
 */
const setUp = (lockSeconds: number): string[] => [
  'set names utf8mb4',
  `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, wait_timeout = 60,
    time_zone = '+00:00',
    innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds}
    /*M!100300 , idle_transaction_timeout = 10 */`,
  'set session transaction isolation level read committed',
]

const sessionOn = (connection: MysqlConnection, prepare: boolean): Session => {
  let lost = false
  const lose = (): void => {
    lost = true
  }
  connection.on('error', lose)
  connection.on('end', lose)

  const destroy = (): void => {
    lose()
    connection.destroy()
    trusted<{ stream: Duplex }>(connection).stream.destroy() // the driver itself would wait for the other side
  }

  const ask = (query: Query): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { sql: query.sql, values: [...query.parameters] }
      const answered = (error: unknown, result: unknown): void => {
        // the driver tells whoever waits for an answer, and then nobody else, that the connection is gone
        if (isReadOnly(error) || isFatal(error)) lose()
        if (error) reject(discreet(error))
        else resolve(answerOf(result))
      }
      if (prepare && query.name !== undefined) connection.execute(options, answered)
      else connection.query(options, answered)
    })

  return {
    ask,
    destroy,
    isLost: () => lost,
    end: async () => {
      if (!lost) await Promise.race([goodbye(connection), pause(goodbyeMilliseconds)])
      destroy()
    },
  }
}

const answerOf = (result: unknown): Answer =>
  Array.isArray(result)
    ? { rows: result, count: result.length }
    : { rows: [], count: trusted<{ affectedRows: number }>(result).affectedRows }

const goodbyeMilliseconds = 500

const goodbye = (connection: MysqlConnection): Promise<void> =>
  new Promise((resolve) => connection.end(() => resolve()))

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds).unref())

/** The driver's own time-out knows neither statements that wait their turn nor those that are being prepared. */
const bounded = (session: Session, milliseconds: number): Session => {
  if (milliseconds === 0) return session
  const ask = async (query: Query): Promise<Answer> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        session.destroy()
        reject(Object.assign(new Error('No answer came in time'), { code: 'ETIMEDOUT' }))
      }, milliseconds)
    })
    try {
      return await Promise.race([session.ask(query), late])
    } finally {
      clearTimeout(timer)
    }
  }
  return { ...session, ask }
}
