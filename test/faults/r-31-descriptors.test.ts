import { execFileSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { descriptorsOf } from '../process-figures.js'
import { startServer, type TestServer } from '../servers.js'
import { createCaller, pause } from './calls.js'
import { canLimitFiles } from './limits.js'
import { say } from './runs.js'

/** connections that only stand there take what they are allowed, and end with nothing broken. */
const descriptors = 4_096
const visitors = 2_000
const allowed = 1_500

let server: TestServer
const sockets = new Set<Socket>()
afterEach(async () => {
  leave(sockets.size)
  await server.stop()
})

test.runIf(canLimitFiles)(
  '2,000 idle connections: as many as are allowed stay, the others are turned away, and who comes later is served',
  async () => {
    server = await startServer({
      env: { MAX_CONNECTIONS: String(allowed), LOG_LEVEL: 'warn', LOG_FORMAT: 'json' },
    })
    limitDescriptors(descriptors)
    await come(visitors)
    await until(() => sockets.size <= allowed)
    const held = descriptorsOf(server.pid())

    expect(sockets.size).toBeGreaterThan(allowed * 0.95)
    expect(held).toBeLessThan(descriptors)
    expect(server.log().match(/turned_away/g)).toHaveLength(1) // not one line for each
    leave(sockets.size)
    const milliseconds = await untilServed()

    expect(server.log()).not.toMatch(/"level":"error"|EMFILE/)
    say(
      `R-31: ${visitors} connections, ${allowed} allowed: ${held} descriptors, served again after ${Math.round(milliseconds)} ms`,
    )
  },
)

test.runIf(canLimitFiles)(
  'fewer descriptors than connections allowed: the process lives, and serves again when some are free',
  async () => {
    server = await startServer({ env: { LOG_LEVEL: 'warn', LOG_FORMAT: 'json' } })
    const pid = server.pid()
    limitDescriptors(descriptorsOf(pid) + 50)
    await come(400)
    await until(() => sockets.size <= 60)
    leave(sockets.size)
    const milliseconds = await untilServed()

    expect(server.pid()).toBe(pid)
    say(`R-31: out of descriptors: alive, served again after ${Math.round(milliseconds)} ms`)
  },
)

const limitDescriptors = (count: number): void => {
  execFileSync('prlimit', [`--pid=${server.pid()}`, `--nofile=${count}:${count}`])
}

/** More at once and the kernel's queue overflows: a client then takes a connection for open that no server was given. */
const wave = 250

/** Each says nothing; `sockets` holds those that are still connected. */
const come = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left -= wave) await arrive(Math.min(left, wave))
}

const arrive = async (count: number): Promise<void> => {
  const arrivals = Array.from({ length: count }, () => {
    const socket = connect(server.port, '127.0.0.1').resume()
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(sockets.add(socket)))
      socket.once('close', resolve)
    })
  })
  await Promise.all(arrivals)
}

const leave = (count: number): void => {
  for (const socket of [...sockets].slice(0, count)) socket.destroy()
}

const until = async (isSo: () => boolean): Promise<void> => {
  const end = performance.now() + 8_000
  while (!isSo() && performance.now() < end) await pause(20)
  expect(isSo()).toBe(true)
}

/** How long it takes until a new connection is answered. */
const untilServed = async (): Promise<number> => {
  const started = performance.now()
  const caller = createCaller(server, { keepAlive: false })
  while ((await caller.tryCall('GET', '/health'))?.status !== 200) await pause(20)
  const milliseconds = performance.now() - started
  expect(milliseconds).toBeLessThan(5_000)
  return milliseconds
}
