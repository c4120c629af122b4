import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { createAuth } from '../../auth.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const refused = { code: 'invalid_credentials', status: 401 }

const withUsername = async (options = {}) => {
  const test = await createTestAuth(options)
  await test.auth.users.create({ username: 'Kelvin', password: test.ada.password }, caller)
  return test
}

describe('logging in', () => {
  test.each(['ada@example.com', 'ADA@Example.COM', 'Ada@EXAMPLE.com'])(
    'by address, in any case: %s',
    async (email) => {
      const { auth, ada, clock } = await createTestAuth()
      const grant = await auth.login({ email, password: ada.password }, caller)

      expect(grant).toEqual({
        accessToken: expect.stringMatching(/^eyJ/),
        expiresInSeconds: 900,
        refreshToken: expect.stringMatching(/^lkr_/),
        refreshExpiresInSeconds: 604_800,
        user: expect.objectContaining({ email: ada.email, lastLoginAt: clock() }),
        device: expect.stringMatching(/^[\w.-]{1,300}$/),
      })
      expect(grant.user).not.toHaveProperty('passwordHash')
    },
  )

  test.each(['Kelvin', 'kelvin', 'KELVIN'])('by username, in any case: %s', async (username) => {
    const { auth, ada } = await withUsername()

    await expect(auth.login({ username, password: ada.password }, caller)).resolves.toBeDefined()
  })

  test('A-043: starts a new session each time', async () => {
    const { auth, ada } = await createTestAuth()
    const [one, two] = [await auth.login(ada, caller), await auth.login(ada, caller)]

    expect((await auth.authenticate(one.accessToken)).session.id).not.toBe(
      (await auth.authenticate(two.accessToken)).session.id,
    )
  })
})

describe('a login that fails', () => {
  test('A-056 A-057: tells nothing about which half was wrong', async () => {
    const { auth, ada } = await withUsername()
    const wrong = [
      { email: ada.email, password: 'wrong password here' },
      { email: 'nobody@example.com', password: ada.password },
      { username: 'nobody', password: ada.password },
      { username: 'kelvin', password: 'wrong password here' },
      { username: '\u212aelvin', password: ada.password },
      { username: ' kelvin', password: ada.password },
      { username: 'kelvin\0', password: ada.password },
      { username: '', password: '' },
      { email: ada.email, password: '' },
      { email: ada.email, password: `${ada.password} ` },
      { email: ada.email, password: ada.password.toUpperCase() },
    ]
    const answers = await Promise.all(
      wrong.map((credentials) => auth.login(credentials, caller).catch((error: unknown) => error)),
    )

    for (const answer of answers) expect(answer).toMatchObject(refused)
    expect(new Set(answers.map(String)).size).toBe(1)
  })

  test('F4: checks a hash of the same cost whether the account exists or not', async () => {
    const { auth, ada } = await createTestAuth()
    const verify = vi.spyOn(Worker.prototype, 'postMessage')
    await auth.login({ ...ada, password: 'wrong password here' }, caller).catch(() => undefined)
    await auth.login({ ...ada, email: 'b@example.com' }, caller).catch(() => undefined)
    const parameters = verify.mock.calls.map(([job]) => /\$argon2id.*?p=\d+/.exec(job.hash)?.[0])
    verify.mockRestore()

    expect(parameters).toEqual(Array(2).fill('$argon2id$v=19$m=19456,t=2,p=1'))
  })

  test('tells that the account is disabled only to who knows the password', async () => {
    const { auth, ada } = await createTestAuth()
    await auth.users.setActive(ada.email, false, caller)

    await expect(auth.login(ada, caller)).rejects.toMatchObject({
      code: 'account_disabled',
      status: 403,
    })
    await expect(auth.login({ ...ada, password: 'wrong' }, caller)).rejects.toMatchObject(refused)
  })

  test('with something that is no address says so', async () => {
    const { auth, ada } = await createTestAuth()

    await expect(auth.login({ ...ada, email: 'nonsense' }, caller)).rejects.toMatchObject({
      code: 'invalid_body',
    })
  })

  test('leaves no session and no time of a last login', async () => {
    const { auth, ada } = await createTestAuth()
    await auth.login({ ...ada, password: 'wrong' }, caller).catch(() => undefined)
    const { id, lastLoginAt } = await auth.users.find(ada.email)

    expect(lastLoginAt).toBeNull()
    expect(await auth.sessions.list(id)).toEqual([])
  })
})

describe('a hash that is weaker than today asks for', () => {
  const hashOf = async (auth: Awaited<ReturnType<typeof createTestAuth>>['auth']) =>
    (await auth.store.users.findByEmail('ada@example.com'))?.passwordHash

  test.each([
    [{ passes: 3 }, /^\$argon2id\$v=19\$m=19456,t=3,p=1\$/],
    [{ memoryKib: 24_576 }, /^\$argon2id\$v=19\$m=24576,t=2,p=1\$/],
    [{ hash: 'bcrypt' as const }, /^\$2b\$12\$/],
  ])('is rewritten at the next login: %j', async (passwords, expected) => {
    const { auth, ada, clock } = await createTestAuth()
    const stronger = createAuth({ store: auth.store, clock, passwords })
    const first = await stronger.login(ada, caller)
    const rewritten = await hashOf(auth)
    await expect(stronger.login(ada, caller)).resolves.toBeDefined()

    expect(rewritten).toMatch(expected)
    expect(await hashOf(auth)).toBe(rewritten)
    await expect(stronger.refresh(first.refreshToken, caller)).resolves.toBeDefined()
    // and back again: the algorithm is what counts, not the order of events
    await expect(auth.login(ada, caller)).resolves.toBeDefined()
  })

  test('argon2id, bcrypt and argon2id again: nobody is locked out on the way', async () => {
    const { auth, ada } = await createTestAuth()
    const bcrypt = createAuth({ store: auth.store, passwords: { hash: 'bcrypt' } })
    await bcrypt.login(ada, caller)
    expect(await hashOf(auth)).toMatch(/^\$2b\$/)
    await auth.login(ada, caller)

    expect(await hashOf(auth)).toMatch(/^\$argon2id\$/)
  })

  test('does not make parallel logins fail', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const events: string[] = []
    const stronger = createAuth({
      store: auth.store,
      clock,
      passwords: { passes: 3 },
      onEvent: ({ type }) => void events.push(type),
    })
    const grants = await Promise.all(Array.from({ length: 10 }, () => stronger.login(ada, caller)))
    for (const { accessToken } of grants) {
      await expect(stronger.authenticate(accessToken)).resolves.toBeDefined()
    }

    expect(events.filter((type) => type === 'password.rehashed')).toHaveLength(1)
    expect(events).not.toContain('login.failed')
  })

  test('is not rewritten for who does not know the password', async () => {
    const { auth, ada } = await createTestAuth()
    const before = await hashOf(auth)
    const stronger = createAuth({ store: auth.store, passwords: { passes: 3 } })
    await stronger.login({ ...ada, password: 'wrong' }, caller).catch(() => undefined)

    expect(await hashOf(auth)).toBe(before)
  })
})

/** Leaves the processor to the hash threads, which step back behind everybody. */
const shortly = () => new Promise((resolve) => setTimeout(resolve, 2))

describe('a flood of logins', () => {
  test('R-13: who finds the queue full is told to come back, and nothing else', async () => {
    const { auth, ada } = await createTestAuth({
      passwords: { queue: 1 },
      locks: { afterFailures: 100 },
    })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => auth.login(ada, caller)),
    )
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    )

    expect(failures.length).toBeGreaterThan(0)
    expect(failures.length).toBeLessThan(30)
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: 1 })
    }
    expect(auth.hashLoad()).toMatchObject({ running: 0, waiting: 0 })
    await expect(auth.login(ada, caller)).resolves.toBeDefined()
  })

  test('R-13: who finds the queue full is sent away before the store is asked for anything', async () => {
    const store = memoryStore()
    const { auth, ada } = await createTestAuth({ store, passwords: { queue: 0, threads: 1 } })
    const { accessToken } = await auth.login(ada, caller)
    const { user, session } = await auth.authenticate(accessToken)
    const change = { current: ada.password, next: 'another way to go' }
    const under = [auth.login(ada, caller), auth.login(ada, caller)]
    while (auth.hashLoad().running < 2) await shortly()
    const asked = [
      vi.spyOn(store.users, 'findByEmail'),
      vi.spyOn(store.users, 'find'),
      vi.spyOn(store, 'transaction'),
    ]

    const overloaded = { code: 'overloaded' }
    await expect(auth.login(ada, caller)).rejects.toMatchObject(overloaded)
    await expect(
      auth.changePassword({ user, sessionId: session.id }, change, caller),
    ).rejects.toMatchObject(overloaded)
    for (const verb of asked) expect(verb).not.toHaveBeenCalled()
    await Promise.all(under)
  })

  test('R-13: holds up neither who registers, nor who changes a password, nor an operator', async () => {
    const { auth, ada } = await createTestAuth({
      passwords: { queue: 5, threads: 1 },
      locks: { afterFailures: 1_000_000 },
    })
    const [email, password, next] = ['bob@example.com', 'a long way to go', 'another way to go']
    let isOver = false
    const flood = Array.from({ length: 12 }, async () => {
      while (!isOver) {
        await auth.login(ada, caller).catch(() => undefined)
        await shortly()
      }
    })
    const full = async () => {
      const before = auth.hashLoad().sentAway
      while (auth.hashLoad().sentAway === before) await shortly()
    }
    await full()

    const grant = await auth.register({ email, password }, caller)
    const { user, session } = await auth.authenticate(grant.accessToken)
    const mine = { user, sessionId: session.id }
    await full()
    await auth.changePassword(mine, { current: password, next }, caller)
    await full()
    await auth.users.resetPassword(email, password, caller)
    await full()
    await auth.users.create({ username: 'carol', password }, caller)
    await full()
    await auth.deleteAccount(user, password, caller)
    isOver = true
    await Promise.all(flood)

    const { login, ...others } = auth.hashLoad().kinds
    expect(login.sentAway).toBeGreaterThan(0)
    for (const { sentAway } of Object.values(others)) expect(sentAway).toBe(0)
  })
})
