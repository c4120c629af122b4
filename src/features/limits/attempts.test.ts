import { describe, expect, test } from 'vitest'
import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'

const here = { address: '192.0.2.1' }
const there = { address: '198.51.100.1' }
const wrong = { code: 'invalid_credentials', status: 401 }
const locked = { code: 'too_many_attempts', status: 429 }

const addressOf = (index: number) => ({ address: `203.0.113.${index}` })

const guess = ({ auth, ada }: TestAuth, caller: Caller = here) =>
  auth.login({ ...ada, password: 'wrong' }, caller).catch((error: unknown) => error)

/** Guesses that nothing delays. */
const guessPatiently = async (
  test: TestAuth,
  times: number,
  caller: Caller = here,
): Promise<void> => {
  for (let count = 0; count < times; count += 1) {
    test.clock.advance('10s')
    await guess(test, caller)
  }
}

describe('wrong passwords for one account from one address', () => {
  test('five are answered at once, the next make it wait for longer and longer, and ten lock it', async () => {
    const test = await createTestAuth()
    for (let count = 0; count < 6; count += 1) expect(await guess(test)).toMatchObject(wrong)
    for (const [seconds, wait] of [
      ['1s', 1],
      ['2s', 2],
      ['4s', 4],
      ['8s', 8],
    ] as const) {
      expect(await guess(test)).toMatchObject({ ...locked, retryAfterSeconds: wait })
      test.clock.advance(seconds)
      expect(await guess(test)).toMatchObject(wrong)
    }

    expect(await guess(test)).toMatchObject({ ...locked, retryAfterSeconds: 900 })
    await expect(test.auth.login(test.ada, here)).rejects.toMatchObject(locked)
  })

  test('the lock ends by itself; the next failure locks for twice as long', async () => {
    const test = await createTestAuth()
    await guessPatiently(test, 10)
    test.clock.advance('899s')
    await expect(test.auth.login(test.ada, here)).rejects.toMatchObject({ retryAfterSeconds: 1 })
    test.clock.advance('1s')
    expect(await guess(test)).toMatchObject(wrong)

    expect(await guess(test)).toMatchObject({ ...locked, retryAfterSeconds: 1800 })
    test.clock.advance('30m')
    await expect(test.auth.login(test.ada, here)).resolves.toBeDefined()
  })

  test('a refused try is not counted: it makes nothing longer', async () => {
    const test = await createTestAuth()
    await guessPatiently(test, 10)
    for (let count = 0; count < 30; count += 1) await guess(test)
    test.clock.advance('15m')

    await expect(test.auth.login(test.ada, here)).resolves.toBeDefined()
  })

  test('the right one clears them', async () => {
    const test = await createTestAuth()
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 5; count += 1) await guess(test)
      await test.auth.login(test.ada, here)
    }

    expect(await guess(test)).toMatchObject(wrong)
  })

  test('a day later they are forgotten', async () => {
    const test = await createTestAuth()
    for (let count = 0; count < 9; count += 1) await guessPatiently(test, 1)
    test.clock.advance('24h')
    for (let count = 0; count < 5; count += 1) await guess(test)

    await expect(test.auth.login(test.ada, here)).resolves.toBeDefined()
  })

  test('do not keep the owner out elsewhere', async () => {
    const test = await createTestAuth()
    await guessPatiently(test, 10)

    await expect(test.auth.login(test.ada, there)).resolves.toBeDefined()
  })
})

describe('tries at once', () => {
  test('as many as the limit get in with the right password', async () => {
    const { auth, ada } = await createTestAuth()
    const logins = Array.from({ length: 10 }, () => auth.login(ada, here))

    expect(await Promise.all(logins)).toHaveLength(10)
    await expect(auth.login(ada, here)).resolves.toBeDefined()
  })

  test('R-06: of 60 wrong ones no more than the limit are looked at', async () => {
    const test = await createTestAuth()
    const answers = await Promise.all(Array.from({ length: 60 }, () => guess(test)))
    const codes = answers.map((error) => (error instanceof AuthError ? error.code : undefined))

    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(10)
    expect(codes.filter((code) => code === 'too_many_attempts')).toHaveLength(50)
    await expect(test.auth.login(test.ada, here)).rejects.toMatchObject(locked)
  })
})

describe('an account under guesses from many addresses', () => {
  const locks = { afterFailures: 3 }
  const lockEverywhere = async (test: TestAuth): Promise<void> => {
    for (let index = 1; index <= 15; index += 1) await guess(test, addressOf(index))
  }

  test('is locked for all strangers, and not for a device that is known', async () => {
    const test = await createTestAuth({ locks })
    const { auth, ada } = test
    const { device } = await auth.login(ada, here)
    await lockEverywhere(test)

    await expect(auth.login(ada, there)).rejects.toMatchObject(locked)
    await expect(auth.login(ada, { ...there, device })).resolves.toBeDefined()
    await expect(auth.login(ada, there)).rejects.toMatchObject(locked)
  })

  test('lets the owner in after a reset of the password', async () => {
    const test = await createTestAuth({ locks })
    await lockEverywhere(test)
    const password = 'quiet lemon orchard'
    await test.auth.users.resetPassword(test.ada.email, password, { actor: 'cli' })

    await expect(test.auth.login({ ...test.ada, password }, there)).resolves.toBeDefined()
  })

  test('a known device that guesses locks itself, and nobody else', async () => {
    const test = await createTestAuth({ locks })
    const { device } = await test.auth.login(test.ada, here)
    await guessPatiently(test, 3, { ...here, device })

    await expect(test.auth.login(test.ada, { ...here, device })).rejects.toMatchObject(locked)
    await expect(test.auth.login(test.ada, here)).resolves.toBeDefined()
  })

  test('the token of a device means nothing for another account', async () => {
    const test = await createTestAuth({ locks })
    const { auth, ada } = test
    const bob = { email: 'bob@example.com', password: ada.password }
    await auth.users.create(bob, here)
    const { device } = await auth.login(bob, here)
    await lockEverywhere(test)

    await expect(auth.login(ada, { ...there, device })).rejects.toMatchObject(locked)
  })
})

describe('an address that guesses at many accounts', () => {
  test('A-065: is locked out of all of them, and of those that do not exist', async () => {
    const { auth, ada, clock } = await createTestAuth({ locks: { afterFailures: 3 } })
    const spray = (index: number, caller = here) =>
      auth
        .login({ email: `nobody${index}@example.com`, password: 'password' }, caller)
        .catch((error: unknown) => error)
    for (let index = 0; index < 15; index += 1) expect(await spray(index)).toMatchObject(wrong)

    expect(await spray(15)).toMatchObject({ ...locked, retryAfterSeconds: 900 })
    await expect(auth.login(ada, here)).rejects.toMatchObject(locked)
    await expect(auth.login(ada, there)).resolves.toBeDefined()
    clock.advance('15m')
    expect(await spray(16)).toMatchObject(wrong)
    expect(await spray(17)).toMatchObject(wrong)
  })

  test('A-067: good logins between the bad ones change nothing about that', async () => {
    const { auth, ada } = await createTestAuth({ locks: { afterFailures: 3 } })
    for (let index = 0; index < 15; index += 1) {
      await auth.login(ada, here)
      const bad = { email: `nobody${index}@example.com`, password: 'password' }
      await expect(auth.login(bad, here)).rejects.toMatchObject(wrong)
    }

    await expect(auth.login(ada, here)).rejects.toMatchObject(locked)
  })
})
