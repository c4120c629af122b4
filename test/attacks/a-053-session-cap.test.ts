import { afterAll, expect, test } from 'vitest'
import { expectUnauthorized, startTarget, type Tokens } from './target.js'

/** whoever signs in again and again has no more sessions than may be, and the latest ones. */
const target = await startTarget({
  sessions: { perUser: 5 },
  // tries that are under way count as failed ones until they are known not to be
  locks: { afterFailures: 1_000_000 },
})
afterAll(() => target.close())

const refresh = (token: string) =>
  target.ask('POST', '/auth/refresh', { body: { refresh_token: token } })
const me = (token: string) => target.ask('GET', '/auth/me', { token })

test('A-053 one login too many ends the oldest session at once, and says so', async () => {
  const grants: Tokens[] = []
  for (let count = 0; count < 5; count += 1) {
    grants.push(await target.signIn())
    target.clock.advance('1s')
  }
  const [oldest, second] = grants
  if (oldest === undefined || second === undefined) throw new Error('Nobody signed in')
  expect((await me(oldest.access)).status).toBe(200) // so that it is remembered
  target.events.length = 0
  const newest = await target.signIn()

  expectUnauthorized(await me(oldest.access), 'invalid_token')
  expectUnauthorized(await refresh(oldest.refresh), 'session_revoked')
  for (const { access } of [second, newest]) expect((await me(access)).status).toBe(200)
  expect(target.events.map(({ type }) => type)).toEqual(['sessions.ended', 'login.succeeded'])
  expect(target.events[0]).toMatchObject({
    subjectId: newest.userId,
    details: { count: 1, reason: 'too_many' },
  })
})

test('A-053 a hundred logins at once leave five sessions, and others keep theirs', async () => {
  const grace = { email: 'grace@example.com', password: 'correct horse battery' }
  const other = await target.ask('POST', '/auth/register', { body: grace })
  const signedIn = await Promise.all(
    Array.from({ length: 100 }, () =>
      target.ask('POST', '/auth/login', { body: target.ada }).then(({ status }) => status),
    ),
  )
  const newest = await target.signIn()
  const { json } = await target.ask('GET', '/auth/sessions', { token: newest.access })

  expect(signedIn.filter((status) => status === 200).length).toBeGreaterThan(5)
  expect(signedIn.filter((status) => ![200, 503].includes(status))).toEqual([]) // 503: the queue is full
  expect(json.sessions).toHaveLength(5)
  expect((await me(other.json.access_token)).status).toBe(200)
})
