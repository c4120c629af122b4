import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answer, startTarget, type Target } from './target.js'

/** A-066, W-04: whoever locks an account keeps its owner out neither of a known device nor for good. */
let target: Target
beforeEach(async () => {
  target = await startTarget({
    locks: { afterFailures: 3 },
    http: { trustedProxies: ['127.0.0.1'] },
  })
})
afterEach(() => target.close())

const login = (
  address: string,
  password = target.ada.password,
  device: string[] = [],
): Promise<Answer> =>
  target.ask('POST', '/auth/login', {
    headers: ['X-Forwarded-For', address, ...device],
    body: { ...target.ada, password },
  })

/** From so many addresses that it takes no more of them: three tries each, five addresses. */
const lockAccount = async (): Promise<void> => {
  for (let index = 0; index < 15; index += 1)
    expect((await login(`198.51.100.${index}`, 'wrong')).status).toBe(401)
  expect((await login('203.0.113.1')).status).toBe(429)
}

const knownDevice = ({ headers }: Answer): string[] => {
  const cookie = headers['set-cookie']?.find((line) => line.startsWith('known_device='))
  return ['Cookie', cookie?.split(';')[0] ?? '']
}

test('A-066 one address that guesses locks itself out, and the owner comes in from another', async () => {
  for (let tries = 0; tries < 20; tries += 1) {
    target.clock.advance('1s')
    await login('198.51.100.1', 'wrong')
  }

  expect((await login('198.51.100.1')).status).toBe(429)
  expect((await login('203.0.113.1')).status).toBe(200)
})

test('A-066 an account that is locked from everywhere opens to the device of its owner, also at the address of the attacker', async () => {
  const device = knownDevice(await login('203.0.113.1'))
  await lockAccount()

  expect((await login('203.0.113.1', target.ada.password, device)).status).toBe(200)
  expect((await login('198.51.100.1', target.ada.password, device)).status).toBe(200)
  expect((await login('203.0.113.1')).status).toBe(429) // all others wait on
})

test('A-066 a device that is made up, or of another account, opens nothing', async () => {
  await target.auth.users.create(
    { email: 'eve@example.com', password: 'another long one 4711' },
    {},
  )
  const eve = await target.ask('POST', '/auth/login', {
    headers: ['X-Forwarded-For', '203.0.113.66'],
    body: { email: 'eve@example.com', password: 'another long one 4711' },
  })
  await lockAccount()
  const stolen = knownDevice(eve)
  const forged = [
    'Cookie',
    `known_device=${'A'.repeat(4)}.${'A'.repeat(22)}.${'A'.repeat(12)}.${'A'.repeat(22)}`,
  ]

  for (const device of [stolen, forged, ['Cookie', 'known_device=']])
    expect((await login('203.0.113.1', target.ada.password, device)).status).toBe(429)
})

test('A-066 after a reset of the password the owner comes in from anywhere', async () => {
  await lockAccount()
  const password = 'another long one 4711'
  await target.auth.users.resetPassword(target.ada.email, password, { actor: 'cli' })

  expect((await login('203.0.113.1', password)).status).toBe(200)
})

test('A-066 the lock ends by itself', async () => {
  await lockAccount()
  target.clock.advance('15m')

  expect((await login('203.0.113.1')).status).toBe(200)
})
