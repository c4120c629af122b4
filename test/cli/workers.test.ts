import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newFolder, run } from './command.js'
import { type ServerProcess, serve, untilTrue } from './server-process.js'

const password = 'correct horse battery'

/** Connections of their own: those of one agent are dealt out to the workers in turn. */
const createClients = ({ places }: ServerProcess, count: number, { keepAlive = true } = {}) => {
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive, maxSockets: 1 }))
  onTestFinished(() => {
    for (const agent of agents) agent.destroy()
  })
  const ask = (
    agent: Agent,
    method: string,
    path: string,
    { body, token }: { body?: object; token?: string } = {},
  ): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const text = body && JSON.stringify(body)
      const headers = {
        ...(text && { 'content-type': 'application/json', 'content-length': text.length }),
        ...(token && { authorization: `Bearer ${token}` }),
      }
      const port = Number(places.port)
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
        let said = ''
        answer.on('data', (chunk) => {
          said += chunk
        })
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: said }))
      })
      sent.once('error', reject)
      sent.end(text)
    })
  return agents.map((agent) => ask.bind(undefined, agent))
}
type Client = ReturnType<typeof createClients>[number]

const signUp = async (client: Client | undefined): Promise<string> => {
  const body = { email: 'ada@example.com', password }
  const answer = await client?.('POST', '/auth/register', { body })
  return String(JSON.parse(answer?.text ?? '{}').access_token)
}

/** Process ids of the workers, as Linux lists them. */
const workersOf = ({ pid }: ServerProcess): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')

const statuses = async (answers: Promise<{ status: number }>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ status }) => status)

const takenPort = async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, close: () => other.close() }
}

const freePort = async (): Promise<number> => {
  const { port, close } = await takenPort()
  close()
  return port
}

const plentiful = { RATE_LIMIT_REQUESTS: '0', RATE_LIMIT_REFRESH: '0', RATE_LIMIT_REGISTER: '0' }

test('four workers keep one limit, and what ends in one of them has ended in all', async () => {
  const metricsPort = await freePort()
  const server = await serve(newFolder(), {
    ...{ WORKERS: '4', RATE_LIMIT_LOGIN: '5' },
    METRICS_PORT: String(metricsPort),
  })
  const clients = createClients(server, 8)
  const token = await signUp(clients[0])
  const me = () => statuses(clients.map((ask) => ask('GET', '/auth/me', { token })))
  const before = await me() // from now on each worker remembers the session
  const ended = await clients[0]?.('POST', '/auth/logout', { token, body: {} })
  const after = await me()
  const body = { email: 'ada@example.com', password }
  const logins = await statuses(
    [...clients, ...clients].map((ask) => ask('POST', '/auth/login', { body })),
  )

  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()

  expect(before).toEqual(Array(8).fill(200))
  expect(ended?.status).toBe(204)
  expect(after).toEqual(Array(8).fill(401))
  expect(logins.filter((status) => status === 200)).toHaveLength(5)
  expect(logins.filter((status) => status === 429)).toHaveLength(11)
  expect(server.lines.filter(({ msg }) => msg === 'listening')).toMatchObject([{ workers: 4 }])
  // each has its part, and all parts together are told
  expect(metrics).toMatch(/^latchkey_connections_limit 2048$/m)
  expect(metrics).toMatch(/^latchkey_connections 8$/m)
  expect(await server.stop()).toBe(0)
})

test.skipIf(process.platform !== 'linux')(
  'a worker that dies is replaced; a restart of all, one by one, fails no request; none outlives the primary',
  async () => {
    const server = await serve(newFolder(), { WORKERS: '2', ...plentiful })
    const clients = createClients(server, 4)
    const token = await signUp(clients[0])
    const first = workersOf(server)
    process.kill(Number(first[0]), 'SIGKILL')
    const isRenewed = (old: readonly string[]) => async (): Promise<boolean> => {
      const now = workersOf(server)
      return now.length === 2 && !old.every((pid) => now.includes(pid))
    }
    await untilTrue(isRenewed(first), 20_000)
    const told = (msg: RegExp) => server.lines.filter((line) => msg.test(line.msg))
    await untilTrue(async () => told(/ended unexpectedly/).length > 0, 20_000) // lines take their time
    expect(told(/ended unexpectedly/)).toMatchObject([{ worker: 1, signal: 'SIGKILL' }])

    const answers: Promise<number>[] = []
    // a connection that lies idle may end in the moment somebody uses it: what is promised is for fresh ones
    const fresh = createClients(server, 4, { keepAlive: false })
    const asking = setInterval(() => {
      const ask = fresh[answers.length % fresh.length]
      const answer = ask?.('GET', '/auth/me', { token }).then(
        ({ status }) => status,
        () => 0,
      )
      if (answer !== undefined) answers.push(answer)
    }, 20)
    onTestFinished(() => clearInterval(asking))
    await untilTrue(async () => answers.length > 10, 20_000)
    const second = workersOf(server)
    server.kill('SIGHUP')
    await untilTrue(async () => told(/workers were restarted/).length === 1, 60_000)
    clearInterval(asking)
    const failed = (await Promise.all(answers)).filter((status) => status !== 200)

    expect(failed).toEqual([])
    expect(workersOf(server).filter((pid) => second.includes(pid))).toEqual([])
    server.kill('SIGKILL')
    const isClosed = () =>
      server.call('/health/live').then(
        () => false,
        () => true,
      )
    await untilTrue(isClosed, 20_000)
  },
)

describe('what is wrong is said once', () => {
  test.each([
    ['a setting', { RATE_LIMIT_LOGIN: 'many' }, [], 'RATE_LIMIT_LOGIN'],
    ['a store of one process', { DATABASE_URL: 'memory' }, [], 'memory belongs to one process'],
    ['a demo', {}, ['--demo-providers'], '--demo-providers is for a server of one process'],
  ])('%s', async (_, variables, options, sentence) => {
    const words = ['serve', '--workers', '2', ...options]
    const { code, stderr } = await run(newFolder(), words, variables)

    expect(code).toBe(2)
    expect(stderr.split(sentence)).toHaveLength(2)
  })

  test('a port that is taken, which the first worker finds, and no other is started', async () => {
    const { port, close } = await takenPort()
    const words = ['serve', '--json', '--workers', '2', '--port', String(port)]
    const { code, stdout, stderr } = await run(newFolder(), words)
    close()

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout.split(`Port ${port} is taken`)).toHaveLength(2)
  })
})
