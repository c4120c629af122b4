import { createHmac } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1' }
const secret = 'kX9-2mQvT7_bR4wLzN8cJfH3yPdGsA6uEoViB1xU5tM'
const refused = { code: 'invalid_token', status: 401 }

describe('an access token', () => {
  test('says exactly what api.md promises, and nothing about the person', async () => {
    const { auth, ada, clock } = await createTestAuth({ baseUrl: 'https://id.example.com' })
    const { accessToken, user, expiresInSeconds } = await auth.login(ada, caller)
    const now = clock().getTime() / 1000
    const claims = decodeJwt(accessToken)

    expect(claims).toEqual({
      iss: 'https://id.example.com',
      aud: 'https://id.example.com',
      sub: user?.id,
      exp: now + 900,
      iat: now,
      jti: expect.stringMatching(/^[\w-]{36}$/),
      sid: expect.stringMatching(/^[\w-]{36}$/),
      client_id: 'latchkey',
      roles: [],
      auth_time: now,
      amr: ['pwd'],
    })
    expect(expiresInSeconds).toBe(900)
    expect(JSON.stringify(claims)).not.toContain('@') // a random id may well spell ada
  })

  test('names its kind, its algorithm and its key', async () => {
    const { auth, ada } = await createTestAuth()
    const { accessToken } = await auth.login(ada, caller)
    const [key] = await auth.keys.list()

    expect(decodeProtectedHeader(accessToken)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: key?.id,
    })
  })

  test('is never the same twice, keeps the session, and tells when the user signed in', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const first = await auth.login(ada, caller)
    clock.advance('5m')
    const second = await auth.refresh(first.refreshToken, caller)
    const [one, two] = [decodeJwt(first.accessToken), decodeJwt(second.accessToken)]

    expect(two.jti).not.toBe(one.jti)
    expect(two.sid).toBe(one.sid)
    expect(two.auth_time).toBe(one.auth_time)
    expect(two.iat).toBe((one.iat ?? 0) + 300)
  })

  test('lives as long as it was told to', async () => {
    const { auth, ada } = await createTestAuth({ tokens: { expires: '60m' } })
    const { accessToken, expiresInSeconds } = await auth.login(ada, caller)
    const { exp = 0, iat = 0 } = decodeJwt(accessToken)

    expect(exp - iat).toBe(3600)
    expect(expiresInSeconds).toBe(3600)
  })

  test.each([true, false])(
    'R-12: 10 s of tolerance and no more (seen before: %s)',
    async (seen) => {
      const { auth, ada, clock } = await createTestAuth()
      const { accessToken } = await auth.login(ada, caller)
      if (seen) await auth.authenticate(accessToken)
      clock.advance('15m')
      clock.advance('5s')
      if (seen) await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
      clock.advance('4s')
      await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
      clock.advance('1s')
      await expect(auth.authenticate(accessToken)).rejects.toMatchObject(refused)
      clock.advance('5s')
      await expect(auth.authenticate(accessToken)).rejects.toMatchObject(refused)
    },
  )

  test('A-028: a token that differs in one character from a verified one is not it', async () => {
    const { auth, ada } = await createTestAuth()
    const { accessToken } = await auth.login(ada, caller)
    await auth.authenticate(accessToken)
    for (const place of [0, 10, accessToken.length - 30, accessToken.length - 1]) {
      const other = accessToken[place] === 'A' ? 'B' : 'A'
      const changed = accessToken.slice(0, place) + other + accessToken.slice(place + 1)
      await expect(auth.authenticate(changed)).rejects.toMatchObject(refused)
    }
  })

  test('A-020 A-018: only the one spelling of it counts', async () => {
    const { auth, ada } = await createTestAuth()
    const { accessToken, refreshToken } = await auth.login(ada, caller)
    const [head, body, signature] = accessToken.split('.')
    const others = [
      ...[`${accessToken}=`, `${accessToken} `, ` ${accessToken}`, `${accessToken}\n`],
      ...[`${head}.${body}`, `${head}.${body}.`, `${accessToken}.`, `${accessToken}.x`],
      ...[`${head}..${signature}`, `.${body}.${signature}`, '', '.', '..', refreshToken],
      ...['.'.repeat(100_000), `${head}.${'A'.repeat(1_000_000)}.${signature}`, 'null'],
    ]
    for (const text of others) {
      await expect(auth.authenticate(text)).rejects.toMatchObject(refused)
    }
  })
})

describe('claims of the host', () => {
  test('are added; ours win where names meet', async () => {
    const { auth, ada } = await createTestAuth({
      tokens: {
        claims: (user) => ({
          tenant: 'blue',
          name: user.email,
          sub: 'somebody else',
          exp: 9_999_999_999,
          sid: 'another',
          iss: 'https://evil.example',
          roles: ['admin'],
        }),
      },
    })
    const grant = await auth.login(ada, caller)
    const claims = decodeJwt(grant.accessToken)

    expect(claims).toMatchObject({
      tenant: 'blue',
      name: ada.email,
      sub: grant.user?.id,
      roles: [],
    })
    expect(claims.iss).toBe('http://localhost:8000')
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900)
    expect((await auth.authenticate(grant.accessToken)).user.id).toBe(grant.user?.id)
  })
})

describe('HS256', () => {
  const hs256 = { tokens: { secret } }

  test('signs as RFC 7515 says, so that any library with the secret can check it', async () => {
    const { auth, ada } = await createTestAuth(hs256)
    const { accessToken } = await auth.login(ada, caller)
    const [head, body, signature] = accessToken.split('.')
    const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')

    expect(signature).toBe(expected)
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    expect((await auth.authenticate(accessToken)).user.email).toBe(ada.email)
  })

  test('publishes nothing and makes no keys', async () => {
    const { auth, ada } = await createTestAuth(hs256)
    await auth.login(ada, caller)

    expect(await auth.keys.jwks()).toEqual({ keys: [] })
    expect(await auth.keys.list()).toEqual([])
    expect(await auth.store.keys.list()).toEqual([])
  })

  test('A-004: does not take the token of a generated key, nor the other way round', async () => {
    const { auth, ada } = await createTestAuth()
    const store = auth.store
    const other = await createTestAuth({ ...hs256 })
    const generated = await auth.login(ada, caller)
    const shared = await other.auth.login(ada, caller)

    await expect(other.auth.authenticate(generated.accessToken)).rejects.toMatchObject(refused)
    await expect(auth.authenticate(shared.accessToken)).rejects.toMatchObject(refused)
    expect(await store.keys.list()).toHaveLength(1)
  })

  /** Signs what a thief with the secret, or a careless colleague, might sign. */
  const forge = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header })
      .sign(new TextEncoder().encode(secret))

  test('A-021 A-022 A-023: a good signature does not make good claims', async () => {
    const { auth, ada } = await createTestAuth(hs256)
    const good = decodeJwt((await auth.login(ada, caller)).accessToken)
    const { iat = 0 } = good
    await expect(auth.authenticate(await forge(good))).resolves.toBeDefined()

    const { exp: _exp, ...withoutExp } = good
    const { jti: _jti, ...withoutJti } = good
    const { sid: _sid, ...withoutSid } = good
    const bad: Record<string, unknown>[] = [
      withoutExp,
      withoutJti,
      withoutSid,
      { ...good, exp: iat },
      { ...good, exp: iat + 3601 },
      { ...good, exp: iat + 900.5 },
      { ...good, iat: iat + 11, exp: iat + 100 },
      { ...good, iat: -1 },
      { ...good, iss: 'https://evil.example' },
      { ...good, aud: 'https://evil.example' },
      { ...good, aud: [good.aud] },
      { ...good, sub: '' },
      { ...good, sub: 'x'.repeat(256) },
      { ...good, sid: 5 },
      { ...good, nbf: iat + 60 },
    ]
    for (const claims of bad) {
      await expect(auth.authenticate(await forge(claims))).rejects.toMatchObject(refused)
    }
  })

  test('A-013 A-024: nor does it make a good header', async () => {
    const { auth, ada } = await createTestAuth(hs256)
    const good = decodeJwt((await auth.login(ada, caller)).accessToken)
    const headers = [{ typ: 'JWT' }, { typ: undefined }, { kid: 'x' }, { jwk: {} }, { jku: 'x' }]
    for (const header of headers) {
      await expect(auth.authenticate(await forge(good, header))).rejects.toMatchObject(refused)
    }
  })
})
