import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ProviderName, type StandIn, startStandIn } from '../../src/testing/testing.js'
import { readToken } from './client.js'
import { cookieIn, type EnvelopeService, startEnvelope } from './envelope-service.js'
import { refusal, success } from './envelopes.js'

/** Signing in with providers as clients of the envelope service do it: with the access token of the provider, and no more. */
let standIn: StandIn
let service: EnvelopeService

beforeAll(async () => {
  standIn = await startStandIn()
  service = await startEnvelope([
    ...['GOOGLE', 'FACEBOOK', 'GITHUB'].flatMap((name) => [
      `${name}_CLIENT_ID=${name.toLowerCase()}-app`,
      `${name}_CLIENT_SECRET=${name.toLowerCase()}-app-secret`,
    ]),
    // what its document shows, where nobody has put anything else
    'DISCORD_CLIENT_ID=your-discord-client-id',
    'DISCORD_CLIENT_SECRET=your-discord-client-secret',
    `OAUTH_STAND_IN_URL=${standIn.origin}`,
  ])
})
afterEach(() => standIn?.straighten())
afterAll(async () => {
  await service?.stop()
  await standIn?.stop()
})

const names = ['google', 'facebook', 'github'] as const satisfies readonly ProviderName[]
type Name = (typeof names)[number]

let count = 0
/** Somebody whom no test has met. */
const newPerson = (part: { email?: string | null; emailVerified?: boolean } = {}) => {
  count += 1
  const person = {
    subject: String(500_000_000 + count),
    email: `person${count}@gmail.com`,
    emailVerified: true,
    firstName: 'Hedy',
    lastName: 'Lamarr',
    picture: null,
    ...part,
  }
  standIn.people.push(person)
  return person
}
type Person = ReturnType<typeof newPerson>

const tokenOf = (provider: Name, person: Person, clientId = `${provider}-app`): string =>
  standIn.accessToken({ provider, clientId, person })
const trade = (provider: string, bearer?: string, headers: Record<string, string> = {}) =>
  service.say(`POST /auth/oauth/${provider}`, { headers, ...(bearer !== undefined && { bearer }) })

const failed = refusal(401, 'AUTHENTICATION_FAILED', 'OAuth authentication failed')

describe.each(names)('%s', (provider) => {
  test('a token of theirs is worth ours, and the cookie', async () => {
    const person = newPerson()
    const answer = await trade(provider, tokenOf(provider, person))

    expect(answer.status).toBe(200)
    expect(answer.json).toEqual(
      success({ access_token: expect.any(String), token_type: 'bearer', expires_in: 1800 }),
    )
    expect(answer.cookies[0]).toMatch(
      /^refresh_token=[^;]+; HttpOnly; Max-Age=604800; Path=\/; SameSite=lax$/,
    )
    const { payload } = readToken(answer.json.data.access_token)
    expect(payload).toEqual({
      sub: expect.stringMatching(/^\d+$/),
      email: person.email,
      exp: expect.any(Number),
      type: 'access',
    })
    const me = await service.say('GET /auth/me', { bearer: answer.json.data.access_token })
    expect(me.json.data).toMatchObject({
      id: Number(payload.sub),
      email: person.email,
      username: 'Hedy',
      is_active: true,
    })
    const refreshed = await service.say('POST /auth/refresh', { cookie: cookieIn(answer) })
    expect(refreshed.status).toBe(200)
  })

  test('who comes again is the same', async () => {
    const person = newPerson()
    const [first, second] = [
      await trade(provider, tokenOf(provider, person)),
      await trade(provider, tokenOf(provider, person)),
    ]

    const [one, other] = [first, second].map(
      ({ json }) => readToken(json.data.access_token).payload.sub,
    )
    expect(one).toMatch(/^\d+$/)
    expect(other).toBe(one)
  })

  test('a token that was issued to somebody else is refused', async () => {
    const answer = await trade(provider, tokenOf(provider, newPerson(), 'their-app'))

    expect([answer.status, answer.json]).toEqual([401, failed])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.cookies).toEqual([])
  })

  test.each(['made-up', 'x'.repeat(2000), 'ein-Töken'])(
    'a token that is none: %s',
    async (token) => {
      const answer = await trade(provider, undefined, {
        authorization: `Bearer ${Buffer.from(token).toString('latin1')}`,
      })

      expect(answer.status).toBe(401)
      expect(answer.json.success).toBe(false)
    },
  )

  test('an address that belongs to another login is not taken over', async () => {
    const { email } = await service.signIn(newPerson().email ?? '')
    const person = newPerson({ email })
    const answer = await trade(provider, tokenOf(provider, person))

    expect([answer.status, answer.json]).toEqual([401, failed])
  })

  test('somebody without an address cannot have an account', async () => {
    const answer = await trade(provider, tokenOf(provider, newPerson({ email: null })))

    expect([answer.status, answer.json]).toEqual([401, failed])
  })

  test('a provider that is away is no failure of the token', async () => {
    const token = tokenOf(provider, newPerson())
    standIn.twist('', 'reset')
    const answer = await trade(provider, token)

    expect([answer.status, answer.json]).toEqual([
      503,
      refusal(503, 'SERVICE_UNAVAILABLE', expect.stringMatching(/\S/)),
    ])
    standIn.straighten()
    expect((await trade(provider, token)).status).toBe(200)
  })
})

test.each(['myspace', 'discord', 'exchange', 'GOOGLE'])('%s is not supported', async (provider) => {
  const answer = await trade(provider, 'anything')

  expect([answer.status, answer.json]).toEqual([
    400,
    refusal(400, 'REQUEST_FAILED', 'Unsupported OAuth provider'),
  ])
})

test.each<[string, Record<string, string>]>([
  ['no token', {}],
  ['another scheme', { authorization: 'Basic YTpi' }],
])('%s: not authenticated', async (_, headers) => {
  const answer = await trade('google', undefined, headers)

  expect([answer.status, answer.json]).toEqual([
    401,
    refusal(401, 'AUTHENTICATION_FAILED', 'Not authenticated'),
  ])
})

test('a body means nothing, as before', async () => {
  const answer = await service.say('POST /auth/oauth/google', {
    bearer: tokenOf('google', newPerson()),
    json: { provider: 'google', code: 'x' },
  })

  expect(answer.status).toBe(200)
})

test('only this one way of it is spoken', async () => {
  for (const what of ['GET /auth/oauth', 'GET /auth/identities', 'POST /auth/oauth/google/link'])
    expect([what, (await service.say(what)).status]).toEqual([what, 404])
  expect((await service.say('GET /auth/oauth/google')).status).toBe(405)
})
