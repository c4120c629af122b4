import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compact, ecdsa, encode, hmac, json, nothing, type Opened, open, signed } from './forge.js'
import {
  expectHealthy,
  expectUnauthorized,
  expectUselessToken,
  modes,
  startTarget,
  type Target,
  type Tokens,
} from './target.js'

/** who signed, with what, and whether at all. */
const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const zeros = Buffer.alloc(32)

describe.each(modes)('a forged signature is worth nothing ($mode)', ({ options }) => {
  let target: Target
  let tokens: Tokens
  let real: Opened

  beforeAll(async () => {
    target = await startTarget(options)
    tokens = await target.signIn()
    real = open(tokens.access)
  })
  afterAll(() => target.close())

  const refuse = async (forged: readonly string[]): Promise<void> => {
    for (const token of forged) await expectUselessToken(target, token)
    await expectHealthy(target)
  }
  const withHeader = (change: object, signature = ''): string =>
    `${json({ ...real.header, ...change })}.${real.parts[1]}.${signature}`

  test('the real token is accepted, so that the others can be refused', async () => {
    expect((await target.ask('GET', '/auth/me', { token: tokens.access })).status).toBe(200)
  })

  test('A-001 alg none, in every spelling, without a signature', async () => {
    const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'no\u0000ne', 'NonE']
    await refuse(spellings.map((alg) => withHeader({ alg })))
  })

  test('A-002 alg none with the old signature, and algorithms that are no names', async () => {
    const [, , signature] = real.parts
    const algorithms = ['none', null, [], {}, 0, '', undefined, true, ['none'], [real.header.alg]]
    await refuse(algorithms.map((alg) => withHeader({ alg }, signature)))
  })

  test('A-003 tokens of two parts', async () => {
    const [header, payload] = real.parts
    await refuse([
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `.${payload}.`,
      '..',
      '.',
      header,
    ])
  })

  test('A-004 the public key taken for a shared secret', async () => {
    const { json: set } = await target.ask('GET', '/.well-known/jwks.json')
    const jwk =
      set.keys[0] ??
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    const der = key.export({ type: 'spki', format: 'der' })
    const point = Buffer.concat([
      Buffer.of(4),
      Buffer.from(jwk.x, 'base64url'),
      Buffer.from(jwk.y, 'base64url'),
    ])
    const guesses = [
      ...[
        pem,
        pem.trimEnd(),
        pem.replaceAll('\n', '\r\n'),
        ` ${pem}`,
        pem.replace(/-----[^-]+-----|\n/g, ''),
      ],
      ...[
        der,
        der.toString('base64'),
        point,
        JSON.stringify(jwk),
        JSON.stringify(set),
        jwk.x,
        jwk.kid ?? 'x',
      ],
    ]
    const hashes = [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const
    await refuse(
      guesses.flatMap((guess) =>
        hashes.map(([alg, name]) =>
          compact({ ...real.header, alg }, real.payload, hmac(guess, name)),
        ),
      ),
    )
  })

  test('A-005 HS256 with the keys that broken key look-ups fall back to', async () => {
    const keys = ['', '\0', 'secret', 'null', 'undefined', '[object Object]', 'false', '0']
    const headers = [{ kid: 'unknown' }, { kid: undefined }, { kid: real.header.kid }]
    await refuse(
      keys.flatMap((key) =>
        headers.map((header) =>
          compact({ ...real.header, alg: 'HS256', ...header }, real.payload, hmac(key)),
        ),
      ),
    )
  })

  test('A-007 other algorithms and other spellings with the real signature', async () => {
    const [, , signature] = real.parts
    const others = [
      'PS256',
      'RS384',
      'RS256',
      'ES512',
      'ES384',
      'EdDSA',
      'Ed25519',
      'ES256K',
      'hs256',
      'es256',
    ]
    const spelled = [
      'HS256 ',
      ' ES256',
      'ES256\u0000',
      'ＥＳ256',
      'HS512',
      'ES256,HS256',
      '__proto__',
      'constructor',
    ]
    await refuse([...others, ...spelled].map((alg) => withHeader({ alg }, signature)))
  })

  test('A-015 signatures that are zero, the order of the curve, in another form, or cut', async () => {
    const [header, payload, signature] = real.parts
    const raw = Buffer.from(signature, 'base64url')
    const forged = [
      ...[Buffer.alloc(64), Buffer.concat([order, order]), Buffer.concat([zeros, order])],
      ...[Buffer.concat([raw.subarray(0, 32), zeros]), Buffer.concat([zeros, raw.subarray(0, 32)])],
      ...[Buffer.from('3006020100020100', 'hex'), Buffer.of(0), Buffer.of(1), Buffer.alloc(256)],
      ...[raw.subarray(0, 16), raw.subarray(0, -1), Buffer.concat([raw, Buffer.of(0)])],
      Buffer.concat([Buffer.of(0), raw]),
    ].map((bytes) => `${header}.${payload}.${encode(bytes)}`)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const strange = [
      ecdsa(privateKey),
      ecdsa(privateKey, 'sha256', 'der'),
      ecdsa(privateKey, 'sha512'),
    ]
    await refuse([
      ...forged,
      ...strange.map((sign) => signed(header, payload, sign)),
      signed(header, payload, nothing),
    ])
  })

  test('A-015 a signature of one token under the words of another', async () => {
    const other = open((await target.signIn()).access)
    await refuse([
      `${real.parts[0]}.${real.parts[1]}.${other.parts[2]}`,
      `${real.parts[0]}.${json({ ...real.payload, roles: ['admin'] })}.${real.parts[2]}`,
    ])
  })

  test('a refused bearer is refused alike on every route that takes one', async () => {
    const token = withHeader({ alg: 'none' })
    const routes = [
      ['GET', '/auth/me'],
      ['PATCH', '/auth/me'],
      ['DELETE', '/auth/me'],
      ['GET', '/auth/sessions'],
      ['DELETE', '/auth/sessions/x'],
      ['POST', '/auth/password/change'],
      ['POST', '/auth/logout'],
      ['HEAD', '/auth/me'],
      ['GET', '/v1/auth/me'],
    ] as const
    for (const [method, path] of routes) {
      const answer = await target.ask(method, path, { token })
      if (method === 'HEAD') expect(answer.status).toBe(401)
      else expectUnauthorized(answer, 'invalid_token')
    }
  })
})
