import { createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { hasBegun, isSignedBy } from './check-token.js'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const secret = createSecretKey(Buffer.alloc(32, 7))
const es256 = { algorithm: 'ES256', key: publicKey }
const hs256 = { algorithm: 'HS256', key: secret }

const signed = (algorithm: string, key: KeyObject): Promise<string> =>
  new SignJWT({ sub: 'ädä' }).setProtectedHeader({ alg: algorithm }).sign(key)

const withSignature = (token: string, bytes: Buffer): string =>
  `${token.slice(0, token.lastIndexOf('.'))}.${bytes.toString('base64url')}`
const signatureOf = (token: string): Buffer =>
  Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')

describe('what another implementation has signed', () => {
  test.each([
    ['ES256', privateKey, es256],
    ['HS256', secret, hs256],
  ] as const)('%s is believed, and nothing else is', async (algorithm, key, by) => {
    const token = await signed(algorithm, key)
    const named = { algorithm }
    expect(isSignedBy(token, named, by)).toBe(true)

    const signature = signatureOf(token)
    for (let bit = 0; bit < signature.length * 8; bit += 7) {
      const changed = Buffer.from(signature)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(isSignedBy(withSignature(token, changed), named, by)).toBe(false)
    }
    expect(isSignedBy(`x${token}`, named, by)).toBe(false)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(signature.length),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ])
      expect(isSignedBy(withSignature(token, bytes), named, by)).toBe(false)
  })
})

test('the algorithm is that of the key, whatever the token says', async () => {
  const token = await signed('ES256', privateKey)
  const byPublicKey = publicKey.export({ type: 'spki', format: 'pem' })
  const forged = await signed('HS256', createSecretKey(Buffer.from(byPublicKey)))

  expect(isSignedBy(token, { algorithm: 'HS256' }, es256)).toBe(false)
  expect(isSignedBy(forged, { algorithm: 'HS256' }, es256)).toBe(false)
  expect(isSignedBy(forged, { algorithm: 'ES256' }, es256)).toBe(false)
  expect(isSignedBy(token, { algorithm: 'none' }, { algorithm: 'none', key: publicKey })).toBe(
    false,
  )
})

test('a signature in another form is none (RFC 7518 §3.4)', async () => {
  const token = await signed('ES256', privateKey)
  const content = Buffer.from(token.slice(0, token.lastIndexOf('.')))
  const der = sign('sha256', content, { key: privateKey, dsaEncoding: 'der' })

  expect(isSignedBy(withSignature(token, der), { algorithm: 'ES256' }, es256)).toBe(false)
})

test('a token counts from its nbf on, give or take ten seconds', () => {
  expect([{}, { nbf: 1_000 }, { nbf: 1_010 }].map((claims) => hasBegun(claims, 1_000))).toEqual([
    ...[true, true, true],
  ])
  expect(
    [{ nbf: 1_011 }, { nbf: '1' }, { nbf: null }, { nbf: Number.NaN }].map((claims) =>
      hasBegun(claims, 1_000),
    ),
  ).toEqual([false, false, false, false])
})
