import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { jwtVerify } from 'jose'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { ConfigurationError } from '../../src/errors.js'
import type { UserStore } from '../../src/features/accounts/store.js'
import {
  type HostUser,
  type PlaintextHostUser,
  usersFrom,
} from '../../src/features/accounts/users-from.js'
import { toFetch } from '../../src/http/http.js'
import type { AuthOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import fixtures from '../fixtures/hashes/vectors.json' with { type: 'json' }

/** As the README of the username service shows a store of one's own. */
const fakeUserDb: Record<string, PlaintextHostUser> = {
  alice: { username: 'alice', password: 'secret', role: 'admin' },
  bob: { username: 'bob', password: 'password', role: 'user' },
}
const getUser = async (username: string) => fakeUserDb[username]

/** An embedded auth object behind HTTP, and everything it logs. */
const open = (users: UserStore, more: Partial<AuthOptions> = {}) => {
  const lines: string[] = []
  const log = pino(
    { level: 'trace' },
    new Writable({
      write: (line, _encoding, done) => {
        lines.push(String(line))
        done()
      },
    }),
  )
  const auth = createAuth({ store: memoryStore(), users, log, limits: { login: 0 }, ...more })
  const handle = toFetch(auth)
  const login = async (username: string, password: string) => {
    const answer = await handle(
      new Request('http://localhost/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      }),
    )
    return { status: answer.status, text: await answer.text() }
  }
  return { auth, login, lines }
}

describe('a user store of plain-text passwords, by permission', () => {
  test('lets its users in with their roles, and nobody else', async () => {
    const { auth, login } = open(usersFrom(getUser, { allowPlaintextPasswords: true }))
    const grant = await auth.login({ username: 'alice', password: 'secret' }, {})

    expect(grant.user).toMatchObject({ username: 'alice', roles: ['admin'] })
    expect((await auth.authenticate(grant.accessToken)).user.id).toBe('alice')
    const tries = [
      ['alice', 'secret'],
      ['bob', 'password'],
      ['alice', 'password'],
      ['alice', 'Secret'],
      ['alice', ''],
      ['alice', '$plaintext$'],
      ['mallory', 'secret'],
    ] as const
    const statuses = await Promise.all(tries.map(([name, word]) => login(name, word)))
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 401, 401, 401, 401, 401])
  })

  test('works in the dialect of the service whose README shows it', async () => {
    const secret = randomBytes(32).toString('base64url')
    const { login } = open(usersFrom(getUser, { allowPlaintextPasswords: true }), {
      profile: 'username',
      tokens: { secret },
    })
    const { status, text } = await login('alice', 'secret')
    const { access_token: token } = JSON.parse(text)
    const { payload } = await jwtVerify(token, Buffer.from(secret), { algorithms: ['HS256'] })

    expect(status).toBe(200)
    expect(payload).toMatchObject({ sub: 'alice', role: 'admin' })
    for (const [name, word] of [
      ['alice', 'wrong'],
      ['mallory', 'secret'],
    ] as const) {
      expect(await login(name, word)).toEqual({
        status: 403,
        text: '{"detail":"Invalid username or password"}',
      })
    }
  })

  test('shows the password nowhere: not in the user, an answer, the log', async () => {
    const users = usersFrom(getUser, { allowPlaintextPasswords: true })
    const { login, lines } = open(users)
    const answers = [await login('alice', 'secret'), await login('alice', 'wrong')]

    expect(JSON.stringify(await users.findByUsername('alice'))).not.toContain('secret')
    expect(JSON.stringify([answers, lines])).not.toMatch(/"secret|secret"|\$plaintext/)
  })

  test('may have hashes too', async () => {
    const [{ hash, password } = { hash: '', password: '' }] = fixtures.vectors
    const { auth } = open(
      usersFrom(() => ({ username: 'ada', passwordHash: hash }), { allowPlaintextPasswords: true }),
    )

    await expect(auth.login({ username: 'ada', password }, {})).resolves.toBeDefined()
  })
})

describe('a user of the host that cannot be right', () => {
  const told: [string, object, RegExp][] = [
    ['a plain-text password', { password: 'secret-4711' }, /allowPlaintextPasswords/],
    [
      'one beside a hash',
      { password: 'secret-4711', passwordHash: fixtures.vectors[0]?.hash },
      /allowPlaintextPasswords/,
    ],
    ['a password where the hash belongs', { passwordHash: 'secret-4711' }, /no kind/],
    ['a weak hash', { passwordHash: '5ebe2294ecd0e0f08eab7690d2a6ee69' }, /no kind/],
    [
      'a hash that would cost too much',
      { passwordHash: `$5$rounds=999999999$salt$${'A'.repeat(43)}` },
      /costs more/,
    ],
    ['neither', {}, /no `passwordHash`/],
  ]
  /** As a host without types may answer. */
  const untyped = (more: object): HostUser =>
    JSON.parse(JSON.stringify({ username: 'eve', ...more }))

  test.each(told)('%s is a mistake of the host, told without the value', async (_, more, what) => {
    const users = usersFrom(() => untyped(more))
    const { login, lines } = open(users)
    const refusal = await users.findByUsername('eve').catch((error: unknown) => error)

    expect(refusal).toBeInstanceOf(ConfigurationError)
    expect(String(refusal)).toMatch(what)
    const { status, text } = await login('eve', 'whatever')
    expect(status).toBe(500)
    const values = Object.values(more).filter((value) => typeof value === 'string')
    for (const value of [...values, 'secret-4711']) {
      expect(`${refusal} ${text} ${lines.join()}`).not.toContain(value)
    }
    expect(lines.join()).toMatch(what)
  })

  test.each(['', '!', '!Django’s mark', '*'])(
    'but %j is a user without a password, refused like a wrong one',
    async (passwordHash) => {
      const { login } = open(usersFrom(() => ({ username: 'eve', passwordHash })))

      expect((await login('eve', passwordHash)).status).toBe(401)
      expect((await login('eve', 'whatever')).status).toBe(401)
    },
  )
})
