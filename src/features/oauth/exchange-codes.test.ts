import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSeal } from '../../lib/seal.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestClock } from '../../testing/clock.js'
import { createExchangeCodes } from './exchange-codes.js'

const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const other = 'Zml4dHVyZXMgb25seTogb3BlbnMgbm90aGluZyBlbHNlPyE4'
const vouched = { userId: 'u1', identityId: 'i1', provider: 'google' }
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' // RFC 7636, appendix B
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const invalid = expect.objectContaining({ code: 'invalid_exchange_code' })

const setUp = (secrets: readonly [string, ...string[]] = [secret]) => {
  const [clock, store] = [createTestClock(), memoryStore()]
  const codes = createExchangeCodes({ store, seal: createSeal(secrets), clock })
  return { clock, store, codes, code: codes.make(vouched, challenge) }
}

describe('an exchange code', () => {
  test('is worth who was vouched for, once', async () => {
    const { codes, code } = setUp()

    expect(await codes.spend(code, verifier)).toEqual(vouched)
    await expect(codes.spend(code, verifier)).rejects.toEqual(invalid)
  })

  test('R-05: of many who bring it at once, one is told', async () => {
    const { codes, code } = setUp()
    const told = await Promise.allSettled(
      Array.from({ length: 20 }, () => codes.spend(code, verifier)),
    )

    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('is worth nothing without the verifier, and is not spent by who lacks it', async () => {
    const { codes, code } = setUp()
    const hash = createHash('sha256').update('x').digest('base64url')
    for (const wrong of ['', challenge, `${verifier} `, verifier.toLowerCase(), hash])
      await expect(codes.spend(code, wrong)).rejects.toEqual(invalid)

    await expect(codes.spend(code, verifier)).resolves.toEqual(vouched)
  })

  test('ends after a minute', async () => {
    const { clock, codes, code } = setUp()
    const second = codes.make(vouched, challenge)
    clock.advance('59s')
    await expect(codes.spend(code, verifier)).resolves.toEqual(vouched)
    clock.advance('1s')

    await expect(codes.spend(second, verifier)).rejects.toEqual(invalid)
  })

  test('is remembered as spent for as long as it lasts', async () => {
    const { clock, store, codes, code } = setUp()
    await codes.spend(code, verifier)
    clock.advance('59s')
    await store.spent.removeExpired(clock(), 9)

    await expect(codes.spend(code, verifier)).rejects.toEqual(invalid)
  })

  test('changed in any byte, cut, or made up is worth nothing', async () => {
    const { codes, code } = setUp()
    const [version, body = ''] = code.split('.')
    const bytes = Buffer.from(body, 'base64url')
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      const text = `${version}.${changed.toString('base64url')}`
      await expect(codes.spend(text, verifier)).rejects.toEqual(invalid)
    }

    for (const text of ['', 'v1.', '{}', code.slice(0, -4), body])
      await expect(codes.spend(text, verifier)).rejects.toEqual(invalid)
  })

  test('sealed by somebody else, or for something else, is worth nothing', async () => {
    const { codes, code } = setUp()
    await expect(codes.spend(setUp([other]).code, verifier)).rejects.toEqual(invalid)
    const seal = createSeal([secret])
    const inside = seal.open(code, 'oauth exchange code') ?? ''
    const { identityId: _, ...lacking } = JSON.parse(inside)

    for (const place of ['oauth flow', 'tokens of identity 1', ''])
      await expect(codes.spend(seal.seal(inside, place), verifier)).rejects.toEqual(invalid)
    for (const text of ['{}', '[]', 'null', JSON.stringify(lacking)]) {
      const sealed = seal.seal(text, 'oauth exchange code')
      await expect(codes.spend(sealed, verifier)).rejects.toEqual(invalid)
    }
    const again = seal.seal(inside, 'oauth exchange code')
    await expect(codes.spend(again, verifier)).resolves.toEqual(vouched)
    await expect(codes.spend(code, verifier)).rejects.toEqual(invalid)
  })
})
