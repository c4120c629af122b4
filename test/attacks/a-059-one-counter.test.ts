import { afterEach, expect, test } from 'vitest'
import { type Answer, startTarget, type Target } from './target.js'

/** an account has one count, whatever its name is spelt like. */
let target: Target
afterEach(() => target.close())

const password = 'not the one she has'
const login = (body: object): Promise<Answer> => target.ask('POST', '/auth/login', { body })

test('A-059 every spelling of an address that is Ada, and her username, are one count', async () => {
  target = await startTarget({ locks: { afterFailures: 6 } })
  const { id } = await target.auth.users.find(target.ada.email)
  await target.auth.updateProfile({ ...(await userOf(id)) }, { username: 'countess' }, {})
  const names = [
    { email: 'ada@example.com' },
    { email: 'ADA@EXAMPLE.COM' },
    { email: 'aDa@eXaMpLe.cOm' },
    { username: 'countess' },
    { username: 'Countess' },
    { username: 'COUNTESS' },
  ]
  for (const name of names) {
    target.clock.advance('1m')
    expect([name, (await login({ ...name, password })).status]).toEqual([name, 401])
  }

  for (const name of names)
    expect((await login({ ...name, password: target.ada.password })).status).toBe(429)
})

test('A-059 what is no spelling of her name is refused unread, or is nobody', async () => {
  target = await startTarget({ locks: { afterFailures: 3 } })
  for (const email of [
    ' ada@example.com',
    'ada@example.com ',
    'ada@example.com\u00a0',
    'ad\u0430@example.com',
    'ada\uff20example.com',
    'ada@example\u3002com',
    ['ada@example.com'],
    { $eq: 'ada@example.com' },
    null,
  ]) {
    for (let tries = 0; tries < 2; tries += 1)
      expect((await login({ email, password: target.ada.password })).status).toBe(422)
  }
  for (const username of [' ada', 'ada\0', '\uff41da'])
    expect((await login({ username, password })).status).toBe(401)
  const form = await target.ask('POST', '/auth/login', {
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    body: `email=${target.ada.email}&password=${password}`,
  })
  expect(form.status).toBe(415)

  expect((await login(target.ada)).status).toBe(200)
})

test('A-056 a name that nobody has is locked like one that somebody has, and answered alike', async () => {
  target = await startTarget({ locks: { afterFailures: 3 } })
  const answersFor = async (email: string) => {
    const answers: unknown[] = []
    for (let tries = 0; tries < 7; tries += 1) {
      const { status, json, headers } = await login({ email, password })
      const { request_id: _, ...problem } = json
      answers.push({ status, problem, wait: headers['retry-after'] })
      target.clock.advance(tries === 1 ? '1s' : '0s')
    }
    return answers
  }

  expect(await answersFor('nobody@example.com')).toEqual(await answersFor(target.ada.email))
})

const userOf = async (id: string) => {
  const user = await target.auth.store.users.find(id)
  if (user === undefined) throw new Error('Ada is gone')
  return user
}
