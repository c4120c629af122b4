import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { addSeconds, epochSeconds } from '../../lib/clock.js'
import {
  accessSecret,
  legacyStore,
  refreshClaims,
  refreshSecret,
  signedToken,
} from '../../testing/legacy.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const unknown = { code: 'invalid_token', status: 401 }
const legacy = { until: '2100-01-01' }

/** A service whose refresh tokens are signed with a second secret and kept nowhere. */
const strictService = async () => {
  const options = {
    profile: 'strict',
    tokens: { secret: accessSecret },
    sessions: { secret: refreshSecret },
    legacy,
  } as const
  const test = await createTestAuth(options)
  const { id } = await test.auth.users.find(test.ada.email)
  const claims = refreshClaims(id, addSeconds(test.clock(), 86_400))
  return { ...test, id, claims, options }
}

describe('a signed refresh token', () => {
  test('under the second secret is traded, once', async () => {
    const { auth, claims, clock, events } = await strictService()
    const issuedAt = epochSeconds(clock())
    const more = { email: 'ada@example.com', iat: issuedAt, nbf: issuedAt }
    const token = signedToken(refreshSecret, { ...claims, ...more })
    const first = await auth.refresh(token, caller)
    expect((await auth.refresh(token, caller)).refreshToken).toBe(first.refreshToken)
    clock.advance('11s')

    await expect(auth.refresh(token, caller)).rejects.toMatchObject({ code: 'session_revoked' })
    expect(events[0]).toMatchObject({ type: 'session.traded', details: { profile: 'strict' } })
  })

  test('that is forged, tampered with or of another kind is worth nothing', async () => {
    const { auth, ada, claims, events, clock } = await strictService()
    const right = signedToken(refreshSecret, claims)
    const [header = '', payload = '', signature = ''] = right.split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { accessToken } = await auth.login(ada, caller)
    events.length = 0
    const wrong = {
      'another secret': signedToken(accessSecret, claims),
      'another payload': `${header}.${encode({ ...claims, sub: '2' })}.${signature}`,
      'no algorithm': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      'no algorithm, and a signature': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
      'another algorithm': `${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}.${signature}`,
      'a key of its own': `${encode({ alg: 'HS256', typ: 'JWT', jwk: {} })}.${payload}.${signature}`,
      'an access token': signedToken(refreshSecret, { ...claims, type: 'access' }),
      'an access token of ours': accessToken,
      'no type': signedToken(refreshSecret, { sub: '1', exp: claims.exp ?? 0 }),
      'no subject': signedToken(refreshSecret, { type: 'refresh', exp: claims.exp ?? 0 }),
      'a subject that is a number': signedToken(
        refreshSecret,
        Object.assign({ ...claims }, { sub: 1 }),
      ),
      'no end': signedToken(refreshSecret, { sub: '1', type: 'refresh' }),
      'an end that is a text': signedToken(
        refreshSecret,
        Object.assign({ ...claims }, { exp: '1' }),
      ),
      'an end beyond time': signedToken(refreshSecret, { ...claims, exp: Number.MAX_SAFE_INTEGER }),
      'not yet': signedToken(refreshSecret, { ...claims, nbf: epochSeconds(clock()) + 60 }),
      'another spelling': `${right}=`,
      'nobody here': signedToken(refreshSecret, { ...claims, sub: '999' }),
    }
    for (const [name, token] of Object.entries(wrong))
      await expect(auth.refresh(token, caller), name).rejects.toMatchObject(unknown)

    expect(events).toEqual([])
    expect(await auth.refresh(right, caller)).toHaveProperty('refreshToken')
  })

  test('that was made here goes on in the native API, and is never traded', async () => {
    const { auth: first, ada, clock, options } = await strictService()
    const native = { ...options, legacy: { ...legacy, profile: 'strict' } } as const
    const auth = createAuth({ ...native, profile: 'native', store: first.store, clock })
    const [going, ended] = [await first.login(ada, caller), await first.login(ada, caller)]
    await first.signOut({ refreshToken: ended.refreshToken }, 'this', caller)
    expect(await auth.refresh(going.refreshToken, caller)).not.toHaveProperty('isTraded')
    await expect(auth.refresh(ended.refreshToken, caller)).rejects.toMatchObject({ status: 401 })
    const types = (await auth.store.events.list({ limit: 99 })).map(({ type }) => type)
    expect(types).not.toContain('session.traded')
  })

  test('that is also kept counts only while its user has it', async () => {
    const { store, kept, asked } = legacyStore()
    const options = {
      profile: 'flat',
      tokens: { secret: accessSecret },
      legacy: { ...legacy, tokens: store },
    } as const
    const { auth, ada, clock } = await createTestAuth(options)
    const { id } = await auth.users.find(ada.email)
    const expiresAt = addSeconds(clock(), 86_400)
    const [mine, removed] = [0, 1].map((seconds) =>
      signedToken(accessSecret, refreshClaims(id, addSeconds(expiresAt, seconds))),
    )
    kept.set(mine ?? '', { userId: id, expiresAt })
    const forged = signedToken(refreshSecret, refreshClaims(id, expiresAt))

    expect(await auth.refresh(mine ?? '', caller)).toHaveProperty('refreshToken')
    await expect(auth.refresh(removed ?? '', caller)).rejects.toMatchObject(unknown)
    await expect(auth.refresh(forged, caller)).rejects.toMatchObject(unknown)
    expect(asked).toEqual([mine, removed])
    // one of ours that another root secret cannot read is none of theirs for that
    const { refreshToken } = await auth.login(ada, caller)
    kept.set(refreshToken, { userId: id, expiresAt })
    const other = createAuth({ ...options, secret: refreshSecret, store: auth.store, clock })
    await expect(other.refresh(refreshToken, caller)).rejects.toMatchObject(unknown)
    expect(asked).toHaveLength(2)
  })
})

describe('an access token of before', () => {
  const tokensOf = (id: string, now: Date, type = 'access') =>
    signedToken(accessSecret, { sub: id, type, exp: epochSeconds(addSeconds(now, 900)) })

  test('is honoured until the date, also when it was seen before', async () => {
    const { auth: first, id, clock, options } = await strictService()
    const until = addSeconds(clock(), 60)
    const auth = createAuth({ ...options, legacy: { until }, store: first.store, clock })
    const [seen, unseen] = [tokensOf(id, clock()), tokensOf(id, addSeconds(clock(), 1))]
    expect(await auth.authenticate(seen)).toMatchObject({ user: { id } })
    clock.advance('60s')

    for (const token of [seen, unseen])
      await expect(auth.authenticate(token)).rejects.toMatchObject(unknown)
  })

  test('ours are honoured after it', async () => {
    const { auth: first, ada, id, clock, options } = await strictService()
    const auth = createAuth({ ...options, legacy: { until: clock() }, store: first.store, clock })
    const { accessToken } = await auth.login(ada, caller)

    expect(await auth.authenticate(accessToken)).toMatchObject({ user: { id } })
  })

  test('is honoured by the native API, and its refresh token opens a native session', async () => {
    const { auth: first, id, clock, options, claims } = await strictService()
    const until = addSeconds(clock(), 60)
    const native = { ...options, profile: 'native', legacy: { until, profile: 'strict' } } as const
    const auth = createAuth({ ...native, store: first.store, clock })
    const old = tokensOf(id, clock())
    expect(await auth.authenticate(old)).toMatchObject({ user: { id } })
    const token = signedToken(refreshSecret, claims)
    const grant = await auth.refresh(token, caller)
    expect(await auth.authenticate(grant.accessToken)).toMatchObject({
      session: { method: 'legacy' },
    })
    expect(grant.refreshToken).toMatch(/^lkr_/)
    const refreshTyped = tokensOf(id, clock(), 'refresh')
    await expect(auth.authenticate(refreshTyped)).rejects.toMatchObject(unknown)
    clock.advance('60s')

    await expect(auth.authenticate(old)).rejects.toMatchObject(unknown)
    expect(await auth.refresh(grant.refreshToken, caller)).toHaveProperty('refreshToken')
  })

  test('signs out with its refresh token, though it names no session', async () => {
    const { auth: first, id, clock, options, claims } = await strictService()
    const native = {
      ...options,
      profile: 'native',
      legacy: { ...legacy, profile: 'strict' },
    } as const
    const auth = createAuth({ ...native, store: first.store, clock })
    const [accessToken, refreshToken] = [tokensOf(id, clock()), signedToken(refreshSecret, claims)]
    await auth.signOut({ accessToken, refreshToken }, 'this', caller)

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  test('of a native service means nothing without the date', async () => {
    const { auth: first, id, clock } = await strictService()
    const tokens = { secret: accessSecret }
    const auth = createAuth({ tokens, store: first.store, clock })

    await expect(auth.authenticate(tokensOf(id, clock()))).rejects.toMatchObject(unknown)
  })
})
