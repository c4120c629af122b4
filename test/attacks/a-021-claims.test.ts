import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  compact,
  encode,
  json,
  type Opened,
  open,
  ownSigner,
  type Signer,
  signed,
} from './forge.js'
import {
  expectHealthy,
  expectUselessToken,
  modes,
  startTarget,
  type Target,
  type Tokens,
} from './target.js'

/** S-30: properly signed, and saying what it must not. */
describe.each(modes)(
  'claims are checked one by one, signed with the real key ($mode)',
  ({ mode, options }) => {
    let target: Target
    let real: Opened
    let tokens: Tokens
    let sign: Signer
    let now: number

    beforeAll(async () => {
      target = await startTarget(options)
      tokens = await target.signIn()
      real = open(tokens.access)
      sign = await ownSigner(target, mode)
      now = Math.floor(target.clock().getTime() / 1000)
    })
    afterAll(() => target.close())

    const withClaims = (change: object): string =>
      compact(real.header, { ...real.payload, ...change }, sign)
    const refuseClaims = async (changes: readonly object[]): Promise<void> => {
      for (const change of changes) await expectUselessToken(target, withClaims(change))
      await expectHealthy(target)
    }
    const accepts = async (token: string): Promise<void> => {
      expect((await target.ask('GET', '/auth/me', { token })).status).toBe(200)
    }
    /** A claim spelled as no serialiser would. */
    const literal = (name: string, value: string): string => {
      const rest = Object.fromEntries(Object.entries(real.payload).filter(([key]) => key !== name))
      const text = `${JSON.stringify(rest).slice(0, -1)},"${name}":${value}}`
      return signed(json(real.header), encode(text), sign)
    }

    test('A-021 expiry: past, missing, of another kind, endless', async () => {
      await refuseClaims(
        [
          now - 15,
          undefined,
          String(now + 600),
          null,
          -1,
          0,
          (now + 600) * 1000,
          now + 600.5,
          [now + 600],
          {},
          true,
        ].map((exp) => ({ exp })),
      )
      await expectUselessToken(target, literal('exp', '1e400'))
      await expectUselessToken(target, literal('exp', '-1e400'))
    })

    test('S-30 ten seconds of tolerance, and no more', async () => {
      await accepts(withClaims({ exp: now - 5, iat: now - 600 }))
      await accepts(withClaims({ iat: now + 5 }))
      await accepts(withClaims({ nbf: now + 5 }))
      await refuseClaims([
        { exp: now - 10, iat: now - 600 },
        { exp: now - 15, iat: now - 600 },
      ])
    })

    test('A-021 issued or valid later than now, or never', async () => {
      await refuseClaims([
        ...[now + 15, undefined, null, String(now), -5, now * 1000, now + 0.5, [], {}].map(
          (iat) => ({ iat }),
        ),
        ...[now + 15, null, String(now), [], {}, (now + 60) * 1000].map((nbf) => ({ nbf })),
        { iat: now - 100, exp: now - 100 },
        { iat: now + 5, exp: now + 4 },
      ])
      await expectUselessToken(target, literal('iat', '1e400'))
      await expectUselessToken(target, literal('nbf', '1e400'))
    })

    test('A-021 a token may not live longer than any of ours', async () => {
      await refuseClaims([
        { exp: now + 3_601, iat: now },
        { exp: now + 100_000_000, iat: now },
      ])
    })

    test('A-022 another issuer or audience', async () => {
      const { iss } = real.payload
      const others = [
        'https://evil.example',
        `${iss}/`,
        `${iss}.evil.example`,
        '',
        ' ',
        undefined,
        null,
        0,
        {},
        [],
        [iss],
        `${iss}\n`,
        String(iss).toUpperCase(),
      ]
      await refuseClaims(others.map((value) => ({ iss: value })))
      await refuseClaims(
        [...others, [iss, 'https://evil.example'], String(iss).slice(0, -1)].map((aud) => ({
          aud,
        })),
      )
    })

    test('A-023 subjects and sessions that are missing, strange, unknown, or of somebody else', async () => {
      const strange = [
        undefined,
        null,
        1,
        {},
        [],
        '',
        [real.payload.sub],
        'x'.repeat(256),
        '\0',
        { $ne: null },
        true,
      ]
      await refuseClaims(strange.map((sub) => ({ sub })))
      await refuseClaims(strange.map((sid) => ({ sid })))
      await refuseClaims(strange.slice(0, 7).map((jti) => ({ jti })))
      const { json: eve } = await target.ask('POST', '/auth/register', {
        body: { email: `eve-${mode}@example.org`, password: 'correct horse battery staple' },
      })
      const evil = open(eve.access_token).payload
      await refuseClaims([
        { sub: evil.sub },
        { sid: evil.sid },
        { sub: '00000000-0000-7000-8000-000000000000' },
        { sid: '00000000-0000-7000-8000-000000000000' },
        { sub: String(real.payload.sub).toUpperCase() },
        { sid: ` ${real.payload.sid}` },
      ])
    })

    test('A-024 tokens of another kind are no access tokens', async () => {
      for (const typ of [
        'JWT',
        undefined,
        '',
        'id+jwt',
        'mfa+jwt',
        'application/at+jwt',
        'AT+JWT',
        'at+jwt ',
        null,
        ['at+jwt'],
        'dpop+jwt',
        'logout+jwt',
      ]) {
        await expectUselessToken(target, compact({ ...real.header, typ }, real.payload, sign))
      }
      await expectUselessToken(target, tokens.refresh)
      for (const refresh_token of [tokens.access, `lkr_${tokens.access}`]) {
        const answer = await target.ask('POST', '/auth/refresh', { body: { refresh_token } })
        expect([401, 422]).toContain(answer.status)
      }
      expect(
        (
          await target.ask('POST', '/auth/logout', {
            body: { refresh_token: tokens.access.slice(0, 500) },
          })
        ).status,
      ).toBe(401)
      await accepts(tokens.access)
    })

    test('A-028 a token that was checked once is remembered whole, not by its beginning', async () => {
      await accepts(tokens.access)
      const last = tokens.access.at(-2) === 'A' ? 'B' : 'A'
      await expectUselessToken(
        target,
        `${tokens.access.slice(0, -2)}${last}${tokens.access.at(-1)}`,
      )
      await expectUselessToken(target, `${tokens.access.slice(0, 200)}x${tokens.access.slice(201)}`)
      await accepts(tokens.access)
    })

    test('A-028 remembering ends with the token and with the session', async () => {
      const other = await target.signIn()
      await accepts(other.access)
      await target.ask('POST', '/auth/logout', { token: other.access })
      await expectUselessToken(target, other.access)
      const late = await target.signIn()
      await accepts(late.access)
      target.clock.advance('910s')
      await expectUselessToken(target, late.access)
    })

    test('A-023 the account was disabled', async () => {
      const fresh = await target.signIn()
      await accepts(fresh.access)
      await target.auth.users.setActive(fresh.userId, false, { actor: 'test' })
      await expectUselessToken(target, fresh.access)
    })
  },
)
