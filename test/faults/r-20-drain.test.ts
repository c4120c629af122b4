import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { createCaller, password, pause, signUp } from './calls.js'
import { integrityOf, numberOf } from './database.js'
import { say } from './runs.js'

/** told to end, the server finishes what it has begun, takes nothing new and ends with 0. */
const logins = 30

let server: TestServer
afterEach(() => server.stop())

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: logins under way are answered, then it ends with 0',
  async (signal) => {
    server = await startServer({ env: { LOCK_AFTER_FAILURES: '1000' } })
    const caller = createCaller(server)
    await signUp(caller, 'ada@example.com')
    const idle = connect(server.port, '127.0.0.1')
    await once(idle, 'connect')
    const idleClosed = once(idle, 'close')

    await Promise.all(
      Array.from({ length: logins }, () => caller.call('GET', '/health/live')), // opens the connections
    )
    const answers = Array.from({ length: logins }, () =>
      caller.tryCall('POST', '/auth/login', { body: { email: 'ada@example.com', password } }),
    )
    await Promise.race(answers) // by now all of them have arrived
    const started = performance.now()
    const ending = server.end(signal)
    await pause(30)
    const late = createCaller(server, { keepAlive: false })
    const refused = await late.tryCall('GET', '/health/live')
    const statuses = (await Promise.all(answers)).map((answer) => answer?.status)
    const { code } = await ending
    const milliseconds = performance.now() - started

    expect(statuses).toEqual(Array(logins).fill(200))
    expect(refused).toBeUndefined()
    expect(code).toBe(0)
    expect(milliseconds).toBeLessThan(8000)
    await idleClosed
    expect(
      numberOf(
        server.folder,
        `select count(*) from latchkey_events where type = 'login.succeeded'`,
      ),
    ).toBe(logins + 1)
    expect(integrityOf(server.folder)).toBe('ok')
    say(
      `R-20: ${signal} with ${logins} logins under way: all answered, exit 0 after ${Math.round(milliseconds)} ms`,
    )
  },
)
