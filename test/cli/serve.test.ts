import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { newFolder, run } from './command.js'
import { jsonOf, serve } from './server-process.js'

const ada = { email: 'ada@example.com', password: 'correct horse battery' }
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'

test('in a pipe one log line says where everything is, and a token is issued under that address', async () => {
  const folder = newFolder()
  const server = await serve(folder, { LATCHKEY_SECRET: secret })
  const { places, url } = server
  const grant = await jsonOf<{ access_token: string }>(await server.post('/auth/register', ada))
  const answers = await Promise.all(
    [places.try_it, places.docs, places.redoc, places.health, places.jwks].map((place) =>
      fetch(String(place)),
    ),
  )
  const claims = JSON.parse(
    Buffer.from(grant.access_token.split('.')[1] ?? '', 'base64url').toString(),
  )

  expect(places).toMatchObject({ level: 'info', base_url: url, store: 'sqlite:./data/latchkey.db' })
  expect(Number(new URL(url).port)).toBe(places.port)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect([claims.iss, claims.aud]).toEqual([url, url])
  expect(JSON.stringify(server.lines)).not.toContain(secret)
  expect(await server.stop()).toBe(0)
})

test('in production the pages are closed, and what has a price is said in warnings', async () => {
  const folder = newFolder()
  const server = await serve(folder, {
    ENVIRONMENT: 'production',
    BASE_URL: 'https://id.example.com',
    JWT_SECRET_KEY: secret,
  })
  const jwks = await (await server.call('/.well-known/jwks.json')).json()
  const pages = await Promise.all(
    ['/docs', '/redoc', '/test-login', '/openapi.json'].map((path) => server.call(path)),
  )

  expect(server.places).not.toHaveProperty('try_it')
  expect(server.places.base_url).toBe('https://id.example.com')
  expect(pages.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect(jwks).toEqual({ keys: [] })
  expect(
    server.lines.filter(({ level }) => level === 'warn').map(({ warning }) => warning),
  ).toEqual(['secret_in_file', 'shared_signing_secret', 'no_trusted_proxies'])
  expect(await server.stop()).toBe(0)
})

test('a port that is taken is one sentence with a remedy, and nothing is made', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const folder = newFolder()
  const { code, stdout, stderr } = await run(folder, ['serve', '--port', String(port)])
  other.close()

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toContain(`Port ${port} is taken`)
  expect(stderr).toContain(`latchkey serve --port ${port + 1}`)
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

/** A request whose body is still on its way. */
const beginLogin = async (port: number) => {
  const body = JSON.stringify(ada)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const closed = once(socket, 'close')
  return {
    finish: async (): Promise<string> => {
      socket.write(body)
      await closed
      return answer
    },
  }
}

describe('told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets what is under way end, takes nothing new, and exits 0 soon',
    async (signal) => {
      const server = await serve(newFolder())
      await server.post('/auth/register', ada) // leaves a connection open that is kept alive
      const login = await beginLogin(Number(server.places.port))
      await server.call('/health/live') // by now the login's head has been read
      server.kill(signal)
      await expect(refusal(server.url)).resolves.toBe('refused')
      const begin = performance.now()
      const answer = await login.finish()

      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(await server.exit).toBe(0)
      expect(performance.now() - begin).toBeLessThan(4_000)
    },
  )

  test('told twice, it goes at once', async () => {
    const server = await serve(newFolder())
    await beginLogin(Number(server.places.port))
    await server.call('/health/live')
    server.kill('SIGTERM')
    await refusal(server.url)
    await setTimeout(600) // sooner it would be the same wish, arriving twice
    server.kill('SIGTERM')

    expect(await server.exit).toBe(1)
  })
})

const refusal = async (url: string): Promise<string> => {
  for (;;) {
    const outcome = await fetch(`${url}/health/live`).then(
      () => 'answered',
      () => 'refused',
    )
    if (outcome === 'refused') return outcome
  }
}

describe('what nobody caught', () => {
  test.each([
    ['an exception', "process.on('SIGUSR2', () => { throw new Error('the sky fell') })"],
    ['a rejection', "process.on('SIGUSR2', () => { Promise.reject(new Error('the sky fell')) })"],
  ])('%s is logged, what is under way ends, and the exit code is 1', async (_, source) => {
    const folder = newFolder()
    const fault = join(folder, 'fault.mjs')
    writeFileSync(fault, source)
    const server = await serve(folder, {}, [`--import=${fault}`])
    await server.post('/auth/register', ada)
    const login = await beginLogin(Number(server.places.port))
    await server.call('/health/live')
    server.kill('SIGUSR2')
    await refusal(server.url)

    expect(await login.finish()).toMatch(/^HTTP\/1\.1 200 /)
    expect(await server.exit).toBe(1)
    expect(server.lines.find(({ level }) => level === 'error')).toMatchObject({
      err: { message: 'the sky fell' },
    })
  })
})
