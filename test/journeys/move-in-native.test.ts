import { expect, test } from 'vitest'
import { toFetch } from '../../src/http/fetch.js'
import { legacyStore, opaqueToken } from '../../src/testing/legacy.js'
import { createTestAuth } from '../../src/testing/test-auth.js'

/** From a service with refresh cookies straight to the native API: the browser sends the old cookie under its old name. */
const baseUrl = 'https://id.example.com'

const moved = async (until: string) => {
  const { store, kept } = legacyStore()
  const legacy = { until, profile: 'envelope', tokens: store } as const
  const { auth, ada, clock } = await createTestAuth({ baseUrl, legacy })
  const { id: userId } = await auth.users.find(ada.email)
  const token = opaqueToken()
  kept.set(token, { userId, expiresAt: new Date(clock().getTime() + 86_400_000) })
  const handle = toFetch(auth)
  const post = (path: string, cookie: string) =>
    handle(
      new Request(`${baseUrl}${path}`, {
        method: 'POST',
        headers: { cookie, 'sec-fetch-site': 'same-origin' },
      }),
      { address: '192.0.2.1' },
    )
  return { post, old: `refresh_token=${token}` }
}
const ours = (answer: Response): string =>
  /__Host-refresh_token=[^;]+/.exec(answer.headers.getSetCookie().join('\n'))?.[0] ?? ''

test('the old cookie is traded for ours, which counts from then on', async () => {
  const { post, old } = await moved('2100-01-01')
  const first = await post('/auth/refresh', old)
  expect(first.status).toBe(200)
  expect(ours(first)).toMatch(/^__Host-refresh_token=lkr_/)
  const next = await post('/auth/refresh', `${old}; ${ours(first)}`)

  expect([next.status, ours(next) === ours(first)]).toEqual([200, false])
  expect((await post('/auth/logout', `${old}; ${ours(next)}`)).status).toBe(204)
  expect((await post('/auth/refresh', old)).status).toBe(401)
})

test('one that comes twice was planted', async () => {
  const { post, old } = await moved('2100-01-01')

  expect((await post('/auth/refresh', `${old}; ${old}`)).status).toBe(401)
})

test('after the date it is nothing', async () => {
  const { post, old } = await moved('2020-01-01')

  expect((await post('/auth/refresh', old)).status).toBe(401)
})
