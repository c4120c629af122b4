import { createServer, type Server, type Socket } from 'node:net'
import { ConnectionError, RequestError } from 'tedious'
import { afterEach, describe, expect, test } from 'vitest'
import { AuthError } from '../../../errors.js'
import { sqlStore } from '../sql.js'
import { readSqlUrl } from '../url.js'
import { isConflict, isUnavailable, isUniqueViolation, withNumbers } from './faults.js'
import { sentenceFor } from './sentences.js'
import { sqlserverUrl } from './sqlserver.js'

const address = readSqlUrl('sqlserver://sa:secret@db.example/app', sqlserverUrl)

const serverError = (number: number, severity = 14) =>
  Object.assign(new RequestError(`Error ${number}`, 'EREQUEST'), { number, class: severity })

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A TCP server that treats its callers as told. */
const listen = (onCall: (socket: Socket) => void): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      onCall(socket)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0
      resolve(`sqlserver://sa:s3cret-w0rd@127.0.0.1:${port}/app?timeout=1`)
    })
  })

/** Every way in, and how long it took: each must be refused within 5 s. */
const refusals = async (url: string): Promise<unknown[]> => {
  const store = sqlStore(url)
  const began = performance.now()
  const outcomes = await Promise.allSettled([
    store.places[0]?.ping(),
    store.users.find('ada'),
    store.sessions.revoke('id', new Date()),
    store.migrate(),
    store.pendingMigrations(),
  ])
  expect(performance.now() - began).toBeLessThan(5000)
  await store.close()
  return outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined))
}

const unavailable = expect.objectContaining({ code: 'store_unavailable' })

describe('a place that cannot be reached is unavailable within 5 s', () => {
  test('nobody listens', async () => {
    const url = await listen(() => {})
    await new Promise((done) => servers.pop()?.close(done))

    expect(await refusals(url)).toEqual(Array(5).fill(unavailable))
  })

  test('somebody listens and says nothing', async () => {
    expect(await refusals(await listen(() => {}))).toEqual(Array(5).fill(unavailable))
  })

  test('somebody listens and hangs up', async () => {
    const url = await listen((socket) => socket.once('data', () => socket.destroy()))

    expect(await refusals(url)).toEqual(Array(5).fill(unavailable))
  })
})

/** The answer to PRELOGIN, with a version and what will be encrypted. */
const preloginAnswer = (encryption: number): Buffer => {
  const options = [[0, 0, 11, 0, 6], [1, 0, 17, 0, 1], [0xff]].flat()
  const body = Buffer.from([...options, 15, 0, 0, 0, 0, 0, encryption])
  const header = Buffer.from([4, 1, 0, 8 + body.length, 0, 0, 1, 0])
  return Buffer.concat([header, body])
}

describe('a server that says it cannot encrypt', () => {
  const login = 0x10
  const answering = async (seen: number[], parts = 1) =>
    listen((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen.push(chunk[0] ?? -1)
        // the beginning of an error, and no more
        if (chunk[0] === login) {
          socket.write(Buffer.from([4, 0, 0, 10, 0, 0, 1, 0, 0xaa, 9]))
          return
        }
        const answer = preloginAnswer(2)
        const size = Math.ceil(answer.length / parts)
        for (let at = 0; at < answer.length; at += size)
          socket.write(answer.subarray(at, at + size))
      })
    })

  test.each([1, 3])('is never told the password (its answer in %i parts)', async (parts) => {
    const seen: number[] = []
    const outcomes = await refusals(await answering(seen, parts))

    expect(seen).not.toContain(login)
    expect(seen.length).toBeGreaterThan(0)
    expect(outcomes.map(String).join()).toMatch(/does not encrypt/)
    expect(outcomes.map(String).join()).not.toMatch(/s3cret/)
  })

  test('is told it where the URL allows that; half an answer to the login is none', async () => {
    const seen: number[] = []
    const url = `${await answering(seen)}&sslmode=disable`

    expect(await refusals(url)).toEqual(Array(5).fill(unavailable))
    expect(seen).toContain(login)
  })
})

test('what was taken is told apart under both numbers, also among several errors', () => {
  for (const number of [2627, 2601]) {
    expect(isUniqueViolation(serverError(number))).toBe(true)
    expect(isUniqueViolation(new AggregateError([serverError(3621, 0), serverError(number)]))).toBe(
      true,
    )
    expect(isUnavailable(serverError(number))).toBe(false)
    expect(isConflict(serverError(number))).toBe(false)
  }
  expect(isUniqueViolation(serverError(547, 16))).toBe(false)
})

test.each([1205, 1222, 3960])('%i is a conflict, and no fault of the server', (number) => {
  expect([isConflict(serverError(number)), isUnavailable(serverError(number))]).toEqual([
    true,
    false,
  ])
})

test.each([
  ['a full disk', serverError(1105, 17)],
  ['a full log', serverError(9002, 17)],
  ['a server that shuts down', serverError(6005)],
  ['a database that can only be read', serverError(3906, 16)],
  ['a database that Azure has moved', serverError(40613, 17)],
  ['too many requests at Azure', serverError(10928, 16)],
  ['a refused login', withNumbers(new ConnectionError('Login failed', 'ELOGIN'), [18456])],
  ['a lost connection', new ConnectionError('Connection lost', 'ESOCKET')],
  ['an answer that is late', new RequestError('Timeout', 'ETIMEOUT')],
])('%s is no fault of the statement', (_, error) => {
  expect(isUnavailable(error)).toBe(true)
})

test.each([
  ['a missing table', serverError(208, 16)],
  ['bad grammar', serverError(102, 15)],
  ['a text that is too long', serverError(2628, 16)],
  ['a bug of ours', new TypeError('x is not a function')],
  ['a refusal of ours', new AuthError('invalid_token')],
])('%s is', (_, error) => {
  expect(isUnavailable(error)).toBe(false)
})

const failedLogin = (...numbers: number[]) =>
  withNumbers(new ConnectionError("Login failed for user 'sa'.", 'ELOGIN'), numbers)
const lost = (message: string, code: string) =>
  new ConnectionError(`Failed to connect to db.example:1433 - ${message}`, 'ESOCKET', {
    cause: Object.assign(new Error(message), { code }),
  })

test.each([
  [failedLogin(18456), /user or a password/],
  [failedLogin(4060, 18456), /create database \[app\]/],
  [failedLogin(18488), /has expired/],
  [failedLogin(40615), /firewall/],
  [serverError(262), /db_owner/],
  [serverError(229), /db_owner/],
  [serverError(2760, 16), /db_owner/],
  [serverError(3906, 16), /can only be read/],
  [new ConnectionError('Server requires encryption', 'EENCRYPT'), /Remove sslmode=disable/],
  [lost('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), /sslrootcert/],
  [
    lost("Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'),
    /host name/,
  ],
])('%s is explained', (error, sentence) => {
  expect(sentenceFor(error, address)).toMatch(sentence)
  expect(sentenceFor(error, address)).not.toMatch(/secret/)
})

test.each([
  [lost('connect ECONNREFUSED', 'ECONNREFUSED')],
  [serverError(1205)],
  [new Error('anything')],
])('%s explains itself by waiting', (error) => {
  expect(sentenceFor(error, address)).toBeUndefined()
})

test.each([
  ['sqlserver://sa:s3cret@h/app?sslmode=verify-ca', /verify-full/],
  ['mssql://sa:s3cret@h/app?host=/tmp', /has the parameter host/],
  ['sqlserver://sa:s3cret@h', /must name a database/],
])('%s is refused without its password', (url, sentence) => {
  expect(() => sqlStore(url)).toThrow(sentence)
  expect(() => sqlStore(url)).not.toThrow(/s3cret/)
})
