import { expect, test } from 'vitest'
import {
  instant,
  sampleSession,
  sampleUser,
  withEmail,
  withUsername,
} from '../../src/testing/samples.js'
import { onEachStore } from './each-store.js'
import { expectHealthy } from './target.js'

/** on every store: what collations fold, what databases execute, what columns round. */
const email = 'ada@example.com'

/** Equal to it under one collation or another: case, accents, widths, blanks, and signs that some of them ignore. */
const twins = [
  'ADA@example.com',
  'Ada@Example.com',
  '\u00e1da@example.com',
  'a\u0301da@example.com',
  '\uff41da@example.com',
  'ada@example.com ',
  'ada@example.com\t',
  ' ada@example.com',
  'ada@example.com\0',
  'a\u200bda@example.com',
  'a\u00adda@example.com',
  'ada@example.c\u043em',
  'ada%',
  'a_a@example.com',
]

const injections = [
  "' OR '1'='1",
  "admin' -- ",
  "'; DROP TABLE latchkey_users; -- ",
  '" OR ""="',
  "1' AND SLEEP(5) AND '1'='1",
  "'; SELECT pg_sleep(5); -- ",
  "' WAITFOR DELAY '0:0:5' -- ",
  "1') OR ('1'='1",
  '` OR 1=1 #',
  "\\' OR 1=1 -- ",
  '\u02bc OR 1=1 -- ',
  "x' UNION SELECT id, password_hash FROM latchkey_users -- ",
  '{"$ne":null}',
  '{"$where":"sleep(5000)"}',
  "'; return true; var x='",
  '%',
  '_',
  '*',
]

onEachStore((open) => {
  test('A-211, A-213 nobody is found, and nobody kept out, by a name that only resembles theirs', async () => {
    const { users } = await open.store()
    await users.createIfAbsent(sampleUser({ ...withEmail(email), ...withUsername('ada') }))

    for (const twin of twins) {
      expect([twin, await users.findByEmail(twin)]).toEqual([twin, undefined])
      expect([twin, await users.findByUsername(twin.replace(/@.*/, ''))]).toEqual(
        twin.startsWith('ada@') ? [twin, expect.anything()] : [twin, undefined],
      )
    }
    for (const twin of ['ADA', '\u00e1da', 'ada ', ' ada'])
      expect([twin, await users.createIfAbsent(sampleUser(withUsername(twin)))]).toEqual([
        twin,
        'created',
      ])
  })

  test('A-211, A-213 an id in other letters, or with a blank behind it, is no id', async () => {
    const { sessions } = await open.store()
    const session = sampleSession({ id: '01890a5d-ac96-7abc-8def-00000000000a' })
    await sessions.insert(session)

    expect(await sessions.find(session.id)).toMatchObject({ id: session.id })
    for (const other of [session.id.toUpperCase(), `${session.id} `, ` ${session.id}`, '%', ''])
      expect([other, await sessions.find(other)]).toEqual([other, undefined])
  })

  test('A-212, A-214 instants and numbers come back as they went, and nothing is neither gone nor something', async () => {
    const { sessions, users } = await open.store()
    const precise = new Date(instant.getTime() + 997)
    const session = sampleSession({
      createdAt: precise,
      lastUsedAt: precise,
      expiresAt: new Date('9999-12-31T23:59:59.999Z'),
      generation: 2_147_483_647,
    })
    await sessions.insert(session)
    const user = sampleUser({ id: '9007199254740993', createdAt: precise, lastLoginAt: null })
    await users.createIfAbsent(user)

    expect(await sessions.find(session.id)).toEqual(session)
    expect(await users.find('9007199254740993')).toEqual(user)
    expect(await users.find('9007199254740992')).toBeUndefined()
    expect(await sessions.revoke(session.id, precise)).toBeTruthy()
    expect((await sessions.find(session.id))?.revokedAt).toEqual(precise)
  })

  test('A-201, A-202 text that means something to a database is text, wherever it stands', async () => {
    const target = await open.target()
    const { access, userId } = await target.signIn()
    const before = await target.auth.store.users.list({ limit: 9 })
    for (const text of injections) {
      const requests = [
        ['POST', '/auth/login', { email: text, password: text }],
        ['POST', '/auth/login', { username: text, password: text }],
        ['POST', '/auth/login', { email, password: text }],
        ['POST', '/auth/register', { email: text, password: 'correct horse battery' }],
        ['POST', '/auth/register', { email, password: 'correct horse battery', username: text }],
        ['POST', '/auth/refresh', { refresh_token: text }],
        ['DELETE', `/auth/sessions/${encodeURIComponent(text)}`, undefined],
        ['GET', `/auth/sessions?cursor=${encodeURIComponent(text)}`, undefined],
        ['PATCH', '/auth/me', { first_name: text, last_name: text }],
      ] as const
      for (const [method, path, body] of requests) {
        const started = performance.now()
        const { status } = await target.ask(method, path, {
          ...(body && { body }),
          token: access,
          headers: ['User-Agent', text.replace(/[^ -~]/g, '?')],
        })
        expect([method, path, text, status < 500]).toEqual([method, path, text, true])
        if (path === '/auth/login' || path === '/auth/refresh') expect(status).toBeGreaterThan(400)
        expect(performance.now() - started).toBeLessThan(2_000) // a database that was told to sleep takes five
      }
    }
    const after = await target.auth.store.users.list({ limit: 9 })
    expect(after.map(({ id, roles }) => [id, roles])).toEqual(
      before.map(({ id, roles }) => [id, roles]),
    )
    expect(after.find(({ id }) => id === userId)?.firstName).toBe(injections.at(-1))
    await expectHealthy(target)
  })
})
