import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compact, ecdsa, hmac, type Opened, open, ownSigner, type Signer } from './forge.js'
import { expectHealthy, expectUselessToken, modes, startTarget, type Target } from './target.js'

/** the key is chosen by us, never by the token. */
describe.each(modes)('a token cannot choose its key ($mode)', ({ mode, options }) => {
  let target: Target
  let real: Opened
  let sign: Signer

  beforeAll(async () => {
    target = await startTarget(options)
    real = open((await target.signIn()).access)
    sign = await ownSigner(target, mode)
  })
  afterAll(() => target.close())

  const refuse = async (forged: readonly string[]): Promise<void> => {
    for (const token of forged) await expectUselessToken(target, token)
    await expectHealthy(target)
  }

  test('the signer of these tests is the server’s own', async () => {
    const token = compact(real.header, { ...real.payload, jti: 'another' }, sign)
    expect((await target.ask('GET', '/auth/me', { token })).status).toBe(200)
  })

  test('A-008 a key inside the header, that of the signer', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = pair.publicKey.export({ format: 'jwk' })
    const oct = { kty: 'oct', k: Buffer.from('attacker').toString('base64url') }
    const kids = [{}, { kid: 'mine' }, { kid: undefined }]
    await refuse(
      kids.flatMap((kid) => [
        compact({ ...real.header, ...kid, jwk }, real.payload, ecdsa(pair.privateKey)),
        compact(
          { ...real.header, ...kid, alg: 'ES256', jwk },
          real.payload,
          ecdsa(pair.privateKey),
        ),
        compact({ ...real.header, ...kid, alg: 'HS256', jwk: oct }, real.payload, hmac('attacker')),
        compact({ ...real.header, ...kid, jwk }, real.payload, sign),
      ]),
    )
  })

  test('A-009 and A-010 no address in a header is ever opened, no certificate believed', async () => {
    const heard: string[] = []
    const canary = createServer((request, response) => {
      heard.push(request.url ?? '')
      response.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    canary.on('connection', () => heard.push('a connection'))
    const address = canary.address()
    const port = typeof address === 'object' ? address?.port : 0
    const places = [
      `http://127.0.0.1:${port}/jwks`,
      `http://user@127.0.0.1:${port}/#`,
      `https://127.0.0.1:${port}/`,
      'file:///etc/passwd',
    ]
    await refuse(
      places.flatMap((place) =>
        ['jku', 'x5u', 'iss'].map((name) =>
          compact({ ...real.header, [name]: place }, real.payload, sign),
        ),
      ),
    )
    await refuse(
      [{ x5c: ['MIIB'] }, { x5t: 'abc' }, { 'x5t#S256': 'abc' }].map((change) =>
        compact({ ...real.header, ...change }, real.payload, sign),
      ),
    )
    expect(heard).toEqual([])
    await new Promise((resolve) => canary.close(resolve))
  })

  test('A-011 key ids that are paths, queries, objects, or endless', async () => {
    const kids = [
      ...[
        '../../../../dev/null',
        '/dev/null',
        'file:///dev/null',
        "' OR '1'='1",
        "x' UNION SELECT 'k",
      ],
      ...[
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        '',
        ' ',
        'a b',
        '\0',
        'k\n',
        'ключ',
      ],
      ...['x'.repeat(65), 'x'.repeat(700), { $ne: null }, ['a'], 0, 1.5, true, null],
    ]
    const started = performance.now()
    await refuse(
      kids.flatMap((kid) => [
        compact({ ...real.header, kid }, real.payload, sign),
        compact({ ...real.header, kid }, real.payload, hmac('')),
      ]),
    )
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('A-025 the token of another server, made under the same key id', async () => {
    const other = await startTarget({
      ...options,
      secret: 'b7e2d9a41c6f38057d1e9b4a6c20f853',
      ...(mode === 'HS256' && { tokens: { secret: 'Qw8nT3zLp5Vr9XyKc2Md7Hb4Jf6Gs1Ea' } }),
    })
    const foreign = open((await other.signIn()).access)
    const foreignToken = foreign.parts.join('.')
    await other.close()
    await refuse([
      foreignToken,
      compact(
        { ...foreign.header, kid: real.header.kid },
        real.payload,
        mode === 'HS256' ? hmac('Qw8nT3zLp5Vr9XyKc2Md7Hb4Jf6Gs1Ea') : hmac('x'),
      ),
    ])
  })

  test('A-032 issuers and tenants of the token choose no key', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await refuse(
      ['https://evil.example', 'http://localhost:8000'].map((iss) =>
        compact(real.header, { ...real.payload, iss, tenant: 'evil' }, ecdsa(pair.privateKey)),
      ),
    )
  })
})

describe('keys of before and after (ES256)', () => {
  test('A-012 a token under the id of another published key of ours', async () => {
    const target = await startTarget(modes[0]?.options)
    const real = open((await target.signIn()).access)
    const sign = await ownSigner(target, 'ES256')
    await target.auth.keys.rotate()
    const keys = await target.auth.keys.list()
    expect(keys.map(({ state }) => state)).toEqual(['active', 'next'])
    const [old, next] = keys
    await expectUselessToken(target, compact({ ...real.header, kid: next?.id }, real.payload, sign))

    target.clock.advance('11m')
    const fresh = open((await target.signIn()).access)
    expect(fresh.header.kid).toBe(next?.id)
    await expectUselessToken(
      target,
      [
        `${open(compact({ ...fresh.header, kid: old?.id }, {}, sign)).parts[0]}`,
        fresh.parts[1],
        fresh.parts[2],
      ].join('.'),
    )

    target.clock.advance('2h')
    await target.signIn()
    const late = {
      ...fresh.payload,
      iat: Math.floor(target.clock().getTime() / 1000),
      exp: Math.floor(target.clock().getTime() / 1000) + 600,
    }
    await expectUselessToken(target, compact(real.header, late, sign)) // its key is gone
    await target.close()
  })

  test('A-031 the key set holds public members only', async () => {
    for (const { mode, options } of modes) {
      const target = await startTarget(options)
      await target.auth.keys.rotate().catch(() => undefined)
      const { json, text } = await target.ask('GET', '/.well-known/jwks.json')
      if (mode === 'HS256') expect(text).toBe('{"keys":[]}')
      for (const key of json.keys) {
        expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
        expect(key).toMatchObject({ kty: 'EC', use: 'sig', alg: 'ES256' })
      }
      expect(new Set(json.keys.map(({ kid }: { kid: string }) => kid)).size).toBe(json.keys.length)
      await target.close()
    }
  })
})
