import { describe, expect, test } from 'vitest'
import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { withPorts } from '../../stores/with-ports.js'
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

describe('no try is counted', () => {
  test('that met a full queue', async () => {
    const { auth, ada } = await createTestAuth({ passwords: { queue: 0 } })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => auth.login(ada, here)),
    )
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)

    for (let count = 0; count < 10; count += 1) await auth.login(ada, here)
  })

  test('that met a disabled account with the right password', async () => {
    const { auth, ada } = await createTestAuth({ locks: { afterFailures: 3 } })
    await auth.users.setActive(ada.email, false, here)
    const disabled = { code: 'account_disabled' }
    for (let count = 0; count < 5; count += 1)
      await expect(auth.login(ada, here)).rejects.toMatchObject(disabled)
  })

  test('R-04: that met a store that went away, however often, and once it is back that is made good', async () => {
    let isAway = false
    const away = new AuthError('store_unavailable')
    const store = withPorts(memoryStore(), ({ users, attempts }) => ({
      users: {
        ...users,
        recordLogin: (...given) => (isAway ? Promise.reject(away) : users.recordLogin(...given)),
      },
      attempts: {
        ...attempts,
        giveBack: (...given) => (isAway ? Promise.reject(away) : attempts.giveBack(...given)),
      },
    }))
    const { auth, ada, clock } = await createTestAuth({ store, locks: { afterFailures: 3 } })
    for (let round = 0; round < 2; round += 1) {
      isAway = true
      for (let count = 0; count < 2; count += 1)
        await expect(auth.login(ada, here)).rejects.toMatchObject({ code: 'store_unavailable' })
      isAway = false
      await expect(auth.login({ ...ada, password: 'wrong' }, here)).rejects.toMatchObject(wrong)
    }
    clock.advance('1s')
    await expect(auth.login(ada, here)).resolves.toBeDefined()
  })

  test('whose failure could not be recorded', async () => {
    let isBroken = true
    const store = withPorts(memoryStore(), ({ events }) => ({
      events: {
        ...events,
        append: (event) =>
          isBroken && event.type === 'login.failed'
            ? Promise.reject(new Error('the trail is broken'))
            : events.append(event),
      },
    }))
    const test = await createTestAuth({ store, locks: { afterFailures: 3 } })
    for (let count = 0; count < 5; count += 1)
      expect(await guess(test)).toMatchObject({ message: 'the trail is broken' })
    isBroken = false

    expect(await guess(test)).toMatchObject(wrong)
    await expect(test.auth.login(test.ada, here)).resolves.toBeDefined()
  })
})

describe('the present password, asked for before it is changed or the account is removed', () => {
  test('S-05: is counted together with the logins', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const { accessToken } = await auth.login(ada, here)
    const { user, session } = await auth.authenticate(accessToken)
    const change = (current: string) =>
      auth.changePassword(
        { user, sessionId: session.id },
        { current, next: 'quiet lemon orchard' },
        here,
      )
    for (let count = 0; count < 5; count += 1) {
      await expect(change('wrong')).rejects.toMatchObject({ code: 'wrong_password' })
      clock.advance('10s')
      await expect(auth.deleteAccount(user, 'wrong', here)).rejects.toMatchObject({
        code: 'wrong_password',
      })
      clock.advance('10s')
    }

    await expect(change(ada.password)).rejects.toMatchObject(locked)
    await expect(auth.deleteAccount(user, ada.password, here)).rejects.toMatchObject(locked)
    await expect(auth.login(ada, here)).rejects.toMatchObject(locked)
  })
})

describe('the trail', () => {
  test('tells of a lock once, by its kind', async () => {
    const test = await createTestAuth()
    await guessPatiently(test, 10)
    for (let count = 0; count < 5; count += 1) await guess(test)
    const { id } = await test.auth.users.find(test.ada.email)

    expect(test.events.filter(({ type }) => type === 'login.locked')).toMatchObject([
      { subjectId: id, actorId: null, outcome: 'failure', details: { kind: 'pair' }, ...here },
    ])
    expect(test.events.filter(({ type }) => type === 'login.failed')).toHaveLength(10)
  })

  test('tells of locked accounts and addresses, too', async () => {
    const test = await createTestAuth({ locks: { afterFailures: 3 } })
    for (let index = 1; index <= 15; index += 1) await guess(test, addressOf(index))
    for (let index = 0; index < 15; index += 1) {
      const bad = { email: `nobody${index}@example.com`, password: 'password' }
      await test.auth.login(bad, there).catch(() => undefined)
    }
    const kinds = test.events.flatMap(({ type, details }) =>
      type === 'login.locked' ? [details.kind] : [],
    )

    expect(kinds).toEqual(['account', 'address'])
  })

  test('R-15: names that do not exist fill no more of it than sixty lines a minute', async () => {
    const { auth, events, clock } = await createTestAuth()
    const flood = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const bad = { email: `nobody${index}@example.com`, password: 'password' }
        await auth.login(bad, addressOf(index)).catch(() => undefined)
      }
    }
    await flood(80)
    expect(events).toHaveLength(60)
    clock.advance('1m')
    await flood(1)

    expect(events.slice(60)).toMatchObject([
      { type: 'login.failed' },
      { type: 'login.surge', actorId: 'server', details: { failures: 20, accounts: 20 } },
    ])
  })

  test('what is left to tell is told at the end', async () => {
    const { auth, events } = await createTestAuth()
    for (let index = 0; index < 61; index += 1) {
      const bad = { email: `nobody${index}@example.com`, password: 'password' }
      await auth.login(bad, addressOf(index)).catch(() => undefined)
    }
    await auth.close()

    expect(events.at(-1)).toMatchObject({ type: 'login.surge', details: { failures: 1 } })
  })
})
