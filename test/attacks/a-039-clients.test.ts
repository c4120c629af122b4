import { describe, expect, test } from 'vitest'
import { basic, billing, openForClients, reports } from './oauth.js'
import { type Answer, startTarget } from './target.js'

/** who may ask about tokens and end them, and that nobody may where there is no client. */
const doors = ['/oauth/introspect', '/oauth/revoke'] as const
const base64 = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

const expectRefused = (answer: Answer): void => {
  expect(answer.status).toBe(401)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.headers['www-authenticate']).toBe('Basic realm="latchkey", charset="UTF-8"')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.json).toMatchObject({ code: 'invalid_client', error: 'invalid_client' })
}

describe.each(doors)('A-039 %s', async (door) => {
  const { target, send } = await openForClients()
  const { access, refresh } = await target.signIn()

  test.each([
    ['no client at all', {}, []],
    ['an id alone', { client_id: billing.id }, []],
    ['a secret alone', { client_secret: billing.secret }, []],
    ['the secret of another', { client_id: billing.id, client_secret: reports.secret }, []],
    ['an id that nobody has', { client_id: 'nobody', client_secret: billing.secret }, []],
    ['no secret', { client_id: billing.id, client_secret: '' }, []],
    ['a secret in other case', { ...formOf(billing), client_secret: swapped(billing.secret) }, []],
    ['the secret of another by Basic', {}, [basic({ ...billing, secret: reports.secret })]],
    ['Basic without a secret', {}, [base64(`${billing.id}:`)]],
    ['Basic without a colon', {}, [base64(billing.id)]],
    ['Basic without an id', {}, [base64(`:${billing.secret}`)]],
    ['Basic with half an escape', {}, [base64(`${billing.id}:%`)]],
    ['Basic that is no base64', {}, ['Basic ????']],
    ['Basic with bits too many', {}, [`${base64('ab')}`.replace('=', 'A')]],
    ['nothing after Basic', {}, ['Basic ']],
    ['the access token of a user', {}, [`Bearer ${access}`]],
    ['its own secret as a bearer', {}, [`Bearer ${billing.secret}`]],
  ])('refuses %s, and nothing happens', async (_, form, [authorization]) => {
    const headers = authorization === undefined ? [] : ['Authorization', authorization]
    for (const token of [access, refresh, 'none'])
      expectRefused(await send(door, { token, ...form }, headers))
    expect((await target.ask('GET', '/auth/me', { token: access })).status).toBe(200)
  })

  test.each([
    ['by Basic', {}, [basic(billing)]],
    ['by Basic in another case', {}, [basic(billing).replace('Basic', 'bASIC')]],
    ['by Basic, named in the form too', { client_id: billing.id }, [basic(billing)]],
    ['by Basic, with signs that are escaped', {}, [basic(reports)]],
    ['in the form', formOf(billing), []],
    ['in the form, with signs that are escaped', formOf(reports), []],
  ])('takes a client %s', async (_, form, [authorization]) => {
    const headers = authorization === undefined ? [] : ['Authorization', authorization]

    expect((await send(door, { token: 'none', ...form }, headers)).status).toBe(200)
  })

  test.each([
    ['a client in two ways', { token: 'a', ...formOf(billing) }],
    ['another client in the form', { token: 'a', client_id: reports.id }],
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a token twice', 'token=a&token=b'],
    ['a broken escape', 'token=%zz'],
    ['no UTF-8', 'token=%ff'],
    ['no form', 'token'],
  ])('refuses %s as a bad request', async (_, form) => {
    const { status, json } = await send(door, form, ['Authorization', basic(billing)])

    expect([status, json.code, json.error]).toEqual([400, 'malformed_request', 'invalid_request'])
  })

  test('takes forms only, and no more than bodies may hold', async () => {
    const headers = ['Authorization', basic(billing)]
    const asJson = await target.ask('POST', door, { headers, body: { token: access } })
    expect([asJson.status, asJson.json.error]).toEqual([415, 'invalid_request'])
    expect((await send(door, { token: 'a'.repeat(10_241) }, headers)).status).toBe(413)
    expect((await target.ask('GET', `${door}?token=${access}`, { headers })).status).toBe(405)
    const page = [...headers, 'Origin', 'https://evil.example']
    expect((await send(door, { token: access }, page)).status).toBe(403)
  })
})

test.each(doors)('A-169 without clients there is no %s', async (door) => {
  const target = await startTarget()
  const headers = ['Content-Type', 'application/x-www-form-urlencoded']
  const { status } = await target.ask('POST', door, { headers, body: 'token=a' })
  await target.close()

  expect(status).toBe(404)
})

function formOf({ id, secret }: { id: string; secret: string }) {
  return { client_id: id, client_secret: secret }
}

function swapped(text: string): string {
  return text.replace(/[a-z]/, (letter) => letter.toUpperCase())
}
