import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { signToken } from './sign-token.js'

const payload = { sub: 'ada', roles: ['ädmin'] }

describe('what we sign, another implementation verifies', () => {
  test('ES256, with the key id in the header', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const token = signToken('at+jwt', payload, { id: 'k1', algorithm: 'ES256', key: privateKey })

    const verified = await jwtVerify(token, publicKey, { algorithms: ['ES256'] })
    expect(verified.payload).toEqual(payload)
    expect(verified.protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
  })

  test('HS256, without a key id', async () => {
    const key = createSecretKey(Buffer.alloc(32, 7))
    const token = signToken('at+jwt', payload, { id: undefined, algorithm: 'HS256', key })

    const verified = await jwtVerify(token, key, { algorithms: ['HS256'] })
    expect(verified.payload).toEqual(payload)
    expect(verified.protectedHeader).toEqual({ alg: 'HS256', typ: 'at+jwt' })
  })

  test('a key for an algorithm that is not ours signs nothing', () => {
    const key = createSecretKey(Buffer.alloc(32, 7))

    expect(() => signToken('at+jwt', payload, { id: 'k1', algorithm: 'none', key })).toThrow()
  })
})
