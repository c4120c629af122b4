import { expect, test } from 'vitest'
import { newFolder, runJson } from './command.js'
import { jsonOf, serve, untilTrue } from './server-process.js'

/** The command line and a running server on one SQLite file: what one changes, the other sees in time. */
const ada = { email: 'ada@example.com', password: 'correct horse battery' }

test('an account that is disabled beside a running server is out within a second', async () => {
  const folder = newFolder()
  const server = await serve(folder, { RATE_LIMIT_REQUESTS: '0' }) // it is asked all the time
  const grant = await jsonOf<{ access_token: string; refresh_token: string }>(
    await server.post('/auth/register', ada),
  )
  const me = () =>
    server.call('/auth/me', { headers: { authorization: `Bearer ${grant.access_token}` } })
  expect((await me()).status).toBe(200)

  const asking = { done: false }
  const lastAnswered = (async () => {
    let last = 0
    while (!asking.done) if ((await me()).status === 200) last = Date.now()
    return last
  })()
  const { code } = await runJson(folder, ['users', 'disable', ada.email])
  const disabledAt = Date.now()
  const refresh = await server.post('/auth/refresh', { refresh_token: grant.refresh_token })
  await untilTrue(async () => (await me()).status === 401, 1_500)
  asking.done = true

  expect(code).toBe(0)
  expect(refresh.status).toBe(401)
  expect((await lastAnswered) - disabledAt).toBeLessThanOrEqual(1_000)
  const login = await server.post('/auth/login', ada)
  expect(login.status).toBe(403)

  await runJson(folder, ['users', 'enable', ada.email])
  expect((await server.post('/auth/login', ada)).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

test('a password that is reset beside a running server counts at once', async () => {
  const folder = newFolder()
  const server = await serve(folder)
  await server.post('/auth/register', ada)
  const { json } = await runJson(folder, ['users', 'reset-password', ada.email, '--generate'])

  expect((await server.post('/auth/login', ada)).status).toBe(401)
  expect((await server.post('/auth/login', { ...ada, password: json.password })).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

test('a key that is made beside a running server is published within ten seconds', async () => {
  const folder = newFolder()
  const server = await serve(folder)
  const published = async (): Promise<string[]> => {
    const { keys } = await jsonOf<{ keys: { kid: string }[] }>(
      await server.call('/.well-known/jwks.json'),
    )
    return keys.map(({ kid }) => kid)
  }
  expect(await published()).toHaveLength(1)
  const { json } = await runJson(folder, ['keys', 'rotate'])
  await untilTrue(async () => (await published()).length === 2, 10_500)

  expect(await published()).toContain(json.added.id)
  expect(await server.stop()).toBe(0)
})

test('accounts made at the same time by several commands and a server are all there, once', async () => {
  const folder = newFolder()
  const server = await serve(folder)
  const words = (email: string) => ['users', 'create', '--generate', '--email', email]
  const outcomes = await Promise.all([
    ...['one', 'two', 'two'].map((name) => runJson(folder, words(`${name}@example.com`))),
    ...['three', 'two'].map((name) =>
      server.post('/auth/register', { ...ada, email: `${name}@example.com` }),
    ),
  ])
  const { json } = await runJson(folder, ['users', 'list'])

  expect(outcomes).toHaveLength(5)
  expect(json.users.map(({ email }: { email: string }) => email).sort()).toEqual([
    'one@example.com',
    'three@example.com',
    'two@example.com',
  ])
  expect(await server.stop()).toBe(0)
})
