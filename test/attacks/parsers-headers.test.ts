import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRefreshTokens } from '../../src/features/sessions/refresh-tokens.js'
import type { Session } from '../../src/features/sessions/store.js'
import { readCompactToken } from '../../src/features/tokens/compact-token.js'
import { cookieSettings, readCookie, writeCookie } from '../../src/http/cookies.js'
import { bearerToken } from '../../src/http/guard.js'
import { createId } from '../../src/lib/id.js'
import { json } from './forge.js'

/** C-05, B-03, A-020, A-045: readers of what comes in headers, with anything at all. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[A-Za-z0-9=;, "$_.-]{0,60}$/),
)
const value = fc.stringMatching(/^[A-Za-z0-9._-]{1,60}$/)
const requestWith = (authorization: string) => ({
  method: 'GET',
  path: '/',
  headers: { authorization },
  address: undefined,
  readBody: async () => new Uint8Array(),
})

describe('cookies', () => {
  const name = '__Host-refresh_token'

  test('what was written is read, whatever stands around it', () => {
    fc.assert(
      fc.property(
        value,
        fc.array(fc.stringMatching(/^[a-z]{1,8}=[a-z0-9]{0,8}$/)),
        fc.nat(),
        (token, others, place) => {
          const header = others
            .toSpliced(place % (others.length + 1), 0, `${name}=${token}`)
            .join('; ')
          expect(readCookie(header, name)).toBe(token)
        },
      ),
    )
  })

  test('two of the same name are never one', () => {
    fc.assert(
      fc.property(
        value,
        value,
        fc.constantFrom(';', '; ', ' ;', ';;', '; x=y; '),
        (first, second, between) => {
          expect(() => readCookie(`${name}=${first}${between}${name}=${second}`, name)).toThrow()
        },
      ),
    )
  })

  test('nothing else is taken for it, and nothing breaks the reader', () => {
    for (const header of [
      `${name.toLowerCase()}=x`,
      `x${name}=y`,
      `$${name}=y`,
      name,
      `${name} =x`,
      `x="a; y=${name}=b"`,
      `${name}=`,
    ]) {
      expect(readCookie(header, name)).toBeUndefined()
    }
    fc.assert(
      fc.property(text, (header) => {
        try {
          expect([undefined, 'string']).toContain(
            typeof readCookie(header, name) === 'string' ? 'string' : undefined,
          )
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_token' })
        }
      }),
    )
  })

  test('C-01, C-08, A-182 what is written is one short cookie', () => {
    const cookie = writeCookie(cookieSettings('https://id.example.com').refresh_token, {
      value: 'x'.repeat(200),
      maxAgeSeconds: 604_800,
    })
    expect(cookie).toMatch(
      /^__Host-refresh_token=x{200}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
    for (const evil of ['a;b', 'a\r\nSet-Cookie: x=y', 'a, b', 'a"', 'a b', 'ü', 'a\\']) {
      expect(() =>
        writeCookie(cookieSettings('https://id.example.com').refresh_token, {
          value: evil,
          maxAgeSeconds: 1,
        }),
      ).toThrow()
    }
  })
})

describe('bearer tokens', () => {
  test('one token of RFC 6750 or nothing', () => {
    fc.assert(
      fc.property(text, (header) => {
        try {
          expect(bearerToken(requestWith(header))).toMatch(/^[A-Za-z0-9._~+/=-]+$/)
          expect(header).toMatch(/^bearer /i)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_token' })
        }
      }),
    )
  })
})

describe('compact tokens', () => {
  test('anything at all is taken apart or refused, and never throws', () => {
    const part = fc.oneof(
      text,
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    )
    fc.assert(
      fc.property(part, part, part, (header, payload, signature) => {
        const token = `${header}.${payload}.${signature}`
        const read = readCompactToken(token, 'at+jwt')
        if (read !== undefined) expect(read.payload).toBeTypeOf('object')
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('key ids', () => {
  test('A-011 at most 64 plain signs, or there is no token', () => {
    const withKid = (kid: unknown) =>
      `${json({ alg: 'ES256', typ: 'at+jwt', kid })}.${json({ sub: 'x' })}.AAAA`
    expect(readCompactToken(withKid('a-Z_0.9'), 'at+jwt')).toMatchObject({ keyId: 'a-Z_0.9' })
    for (const kid of [
      '',
      'x'.repeat(65),
      'a b',
      '../a',
      'a\n',
      'ü',
      '__proto__\0',
      1,
      null,
      {},
      ['a'],
    ]) {
      expect(readCompactToken(withKid(kid), 'at+jwt')).toBeUndefined()
    }
  })
})

describe('refresh tokens', () => {
  const tokens = createRefreshTokens(['b9c41d7e5f28ab0f1c64b1e5a0f4c2b9d7e83a2b6'])
  const sessionOf = (id: string): Session => ({
    id,
    nonce: 'bm9uY2Vub25jZW5vbmNl',
    userId: id,
    generation: 0,
    createdAt: new Date(),
    lastUsedAt: new Date(),
    expiresAt: new Date(),
    revokedAt: null,
    address: null,
    userAgent: null,
    method: 'pwd',
  })
  const session = sessionOf(createId(new Date()))

  test('what was made is read back, and only for its session', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (generation) => {
        const claim = tokens.read(tokens.make(session, generation))
        expect(claim).toMatchObject({ sessionId: session.id, generation })
        expect(claim && tokens.belongsTo(claim, session)).toBe(true)
        expect(claim && tokens.belongsTo(claim, { ...session, nonce: 'x' })).toBe(false)
        expect(claim && tokens.belongsTo(claim, sessionOf(createId(new Date(1))))).toBe(false)
      }),
    )
  })

  test('A-020 every change of one sign is refused', () => {
    const token = tokens.make(session, 35)
    const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. '
    for (let index = 0; index < token.length; index += 1) {
      for (const sign of signs) {
        if (sign === token[index]) continue
        const changed = token.slice(0, index) + sign + token.slice(index + 1)
        const claim = tokens.read(changed)
        if (claim !== undefined && tokens.belongsTo(claim, session)) expect.fail(changed)
      }
      const claim = tokens.read(token.slice(0, index) + token.slice(index + 1))
      expect(claim && tokens.belongsTo(claim, session)).toBeFalsy()
    }
  })

  test('A-045 guesses do not pass the keyed check', () => {
    const guess = fc
      .tuple(
        fc.stringMatching(/^[\w-]{22}$/),
        fc.stringMatching(/^[0-9a-z]{1,7}$/),
        fc.stringMatching(/^[\w-]{54}$/),
      )
      .map((parts) => `${tokens.make(session, 0).slice(0, 8)}.${parts.join('.')}`)
    fc.assert(
      fc.property(fc.oneof(guess, text), (token) => {
        expect(tokens.read(token)).toBeUndefined()
      }),
      { numRuns: 10_000 },
    )
  })
})
