import { describe, expect, test } from 'vitest'
import { firebaseHash } from '../../src/features/passwords/kinds/firebase.js'
import { readHash, recogniseHash } from '../../src/features/passwords/stored-hash.js'
import { guessWeakHash, wrapWeakHash } from '../../src/features/passwords/weak-hashes.js'
import fixtures from '../fixtures/hashes/vectors.json' with { type: 'json' }
import { hashing, openPasswords } from './passwords.js'

/** Made by test/fixtures/hashes/make.py with the libraries that it names. */
const { vectors, firebase, weak, password: typed } = fixtures
const { deps, verify, isOutdated } = openPasswords()

const isSlow = (vector: object): boolean => 'slow' in vector

/** The same hash with one other digit, near its end. */
const damaged = (hash: string): string =>
  hash.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))

describe('a hash of another system', () => {
  test.each(vectors.filter((vector) => !isSlow(vector)))('by $madeBy: $kind', async (vector) => {
    const { kind, password, hash } = vector

    expect(recogniseHash(hash)).toEqual({ kind, isAbsurd: false })
    expect(isOutdated(hash)).toBe(true)
    expect(damaged(hash)).not.toBe(hash)
    expect([
      await verify(password, hash),
      await verify(password.normalize('NFD'), hash),
      await verify(`${password} `, hash),
      await verify(`x${password}`, hash),
      await verify(password, damaged(hash)),
    ]).toEqual([true, true, false, false, false])
  })

  test.each(vectors.filter(isSlow))('with the cost it really has, by $madeBy', async (vector) => {
    const { kind, password, hash } = vector

    expect(recogniseHash(hash)).toEqual({ kind, isAbsurd: false })
    expect(await Promise.all([verify(password, hash), verify('another', hash)])).toEqual([
      true,
      false,
    ])
  })

  test('is read as it stands, and not with anything around it', () => {
    for (const { hash } of vectors) {
      for (const changed of [` ${hash}`, `${hash} `, `${hash}\n`, `$${hash}`, `${hash}$`]) {
        expect([changed, readHash(changed)?.kind]).toEqual([changed, undefined])
      }
    }
  })

  test('counts to its end where a digest goes into bcrypt', async () => {
    const long = vectors.filter(({ kind }) => kind.endsWith('bcrypt of SHA-256'))
    expect(long).toHaveLength(3)

    for (const { password, hash } of long) {
      expect(Buffer.byteLength(password)).toBeGreaterThan(72)
      expect(await verify(password.slice(0, -1), hash)).toBe(false)
    }
  })
})

describe('a hash of Firebase', () => {
  test.each(firebase)('by $madeBy, and the key of the project is not kept', async (vector) => {
    const { password, user, project } = vector
    const stored = firebaseHash(user, project) ?? ''

    expect(recogniseHash(stored)).toEqual({ kind: 'Firebase scrypt', isAbsurd: false })
    expect(isOutdated(stored)).toBe(true)
    expect(stored).not.toContain(project.signerKey.slice(0, 20))
    expect([
      await verify(password, stored),
      await verify(`${password}x`, stored),
      await verify(password, damaged(stored)),
    ]).toEqual([true, false, false])
  })

  test('may be in the base64 for URLs', () => {
    for (const { user, project } of firebase) {
      const forUrls = Object.fromEntries(
        Object.entries(user).map(([name, text]) => [
          name,
          text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
        ]),
      )
      const { passwordHash = '', salt = '' } = forUrls

      expect(firebaseHash({ passwordHash, salt }, project)).toBe(firebaseHash(user, project))
    }
  })

  test.each([
    { signerKey: 'no base64!' },
    { signerKey: 'AAAA' },
    { rounds: 0 },
    { memoryCost: 1.5 },
    { memoryCost: 0 },
  ])('with a project that cannot be right is none: %j', (wrong) => {
    const [{ user, project } = { user: { passwordHash: '', salt: '' }, project: undefined }] =
      firebase

    expect(project && firebaseHash(user, { ...project, ...wrong })).toBeUndefined()
  })
})

describe('a weak hash', () => {
  test.each(weak)('of $madeBy is wrapped, and its password fits', async ({ hash }) => {
    const guess = guessWeakHash(hash)
    if (guess === undefined) throw new Error('It was not recognised')
    const stored = await wrapWeakHash(guess, deps)

    expect(recogniseHash(hash)).toBeUndefined()
    expect(recogniseHash(stored)).toEqual({ kind: `wrapped ${guess.digest}`, isAbsurd: false })
    expect(stored.toLowerCase()).not.toContain(guess.hex.toLowerCase())
    expect(stored.length).toBeLessThan(255)
    expect(isOutdated(stored)).toBe(true)
    expect([
      await verify(typed, stored),
      await verify(typed.normalize('NFD'), stored),
      await verify(`${typed}x`, stored),
      await verify(guess.hex, stored),
      await verify(hash, stored),
      await verify(typed, damaged(stored)),
    ]).toEqual([true, true, false, false, false, false])
  })

  test('with a salt behind the password, or one of bytes, is wrapped too', async () => {
    const { createHash } = await import('node:crypto')
    const salt = Buffer.from('ff00f7', 'hex')
    const hex = createHash('sha1').update(typed).update(salt).digest('hex')
    const stored = await wrapWeakHash({ digest: 'sha1', hex, order: 'password-salt', salt }, deps)
    const turned = await wrapWeakHash({ digest: 'sha1', hex, order: 'salt-password', salt }, deps)

    expect([await verify(typed, stored), await verify(typed, turned)]).toEqual([true, false])
  })

  test('is wrapped into argon2id whatever new hashes are made with', async () => {
    const guess = guessWeakHash('0123456789abcdef0123456789abcdef')
    const bcrypt = { ...deps, hashing: { algorithm: 'bcrypt', cost: 12 } } as const
    const strong = { ...deps, hashing: { ...hashing, passes: 3 } }

    expect(guess && (await wrapWeakHash(guess, bcrypt))).toContain(
      '$argon2id$v=19$m=19456,t=2,p=1$',
    )
    expect(guess && (await wrapWeakHash(guess, strong))).toContain('t=3')
  })

  test.each([
    { hex: 'zz' },
    { hex: 'ab'.repeat(20) },
    { salt: 'x' },
    { order: 'salt-password' },
    { order: 'salt-password', salt: 's'.repeat(65) },
  ] as const)('that cannot be one is refused without being named: %j', async (wrong) => {
    const right = { digest: 'md5', hex: 'ab'.repeat(16), order: 'password' } as const
    const refusal = await wrapWeakHash({ ...right, ...wrong }, deps).catch(String)

    expect(refusal).toMatch(/^Error: A weak hash/)
    expect(refusal).not.toContain('hex' in wrong ? wrong.hex : 'ab'.repeat(16))
  })

  test.each(['', 'secret', 'ab'.repeat(15), 'ab'.repeat(28), `sha1$salt$${'ab'.repeat(16)}`])(
    'is not guessed where it is none: %j',
    (text) => {
      expect(guessWeakHash(text)).toBeUndefined()
    },
  )
})
