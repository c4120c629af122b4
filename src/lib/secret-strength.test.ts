import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { howToMakeASecret, secretWeakness } from './secret-strength.js'

/** Random enough, and the same in each run: a test that fails once in a thousand runs teaches to ignore it. */
const bytesOf = (seed: number, count: number): Buffer =>
  createHash('sha512').update(`seed ${seed}`).digest().subarray(0, count)

const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-a$4-$5')

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const lettersOf = (bytes: Buffer): string =>
  [...bytes].map((byte) => letters[byte % letters.length]).join('')

const makers: Record<string, (seed: number) => string> = {
  'base64url of 32 bytes': (seed) => bytesOf(seed, 32).toString('base64url'),
  'base64 of 32 bytes (openssl rand -base64 32)': (seed) => bytesOf(seed, 32).toString('base64'),
  'base64 of 48 bytes': (seed) => bytesOf(seed, 48).toString('base64'),
  'hex of 32 bytes (openssl rand -hex 32)': (seed) => bytesOf(seed, 32).toString('hex'),
  'hex of 16 bytes': (seed) => bytesOf(seed, 16).toString('hex'),
  'hex of 32 bytes in upper case': (seed) => bytesOf(seed, 32).toString('hex').toUpperCase(),
  'two UUIDs': (seed) => `${uuidOf(bytesOf(seed, 16))}${uuidOf(bytesOf(seed + 1e6, 16))}`,
  'one UUID': (seed) => uuidOf(bytesOf(seed, 16)),
  'forty letters and digits': (seed) => lettersOf(bytesOf(seed, 40)),
  'latin-1 text of 32 bytes': (seed) => bytesOf(seed, 32).toString('latin1'),
}

describe('a good secret is accepted', () => {
  test.each(Object.entries(makers))('%s: 10,000 of 10,000', (_, make) => {
    const refused = Array.from({ length: 10_000 }, (_, seed) => make(seed)).flatMap((secret) => {
      const weakness = secretWeakness(secret)
      return weakness === undefined ? [] : [`${secret} ${weakness}`]
    })

    expect(refused).toEqual([])
  })
})

const short = ['', 'short', 'a'.repeat(31), bytesOf(1, 15).toString('hex')]
const listed = ['your-256-bit-secret-your-256-bit-secret', 'changemechangemechangemechangeme']
const guessable = [
  'a'.repeat(32),
  'ab'.repeat(32),
  'k3Jf9x2mQ7'.repeat(4),
  '0123456789'.repeat(4),
  'abcdefghijklmnopqrstuvwxyzabcdef',
  'my-super-secret-jwt-signing-key-for-production',
  'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE',
  'ThisIsTheDefaultValueOfTheSetting',
  'correct horse battery staple and some more',
  'Correct-Horse-Battery-Staple-And-Some-More42',
  'thequickbrownfoxjumpsoverthelazydog',
  'insert-a-long-value-here-please-1234',
  'replace_this_with_something_long_00',
  'placeholder-placeholder-placeholder!',
  '1234567890123456789012345678901234567890',
  'qwertyuiopasdfghjklzxcvbnmqwertyuiop',
  '                                        ',
]

describe('a bad secret is refused, and told why', () => {
  test.each(short)('too short: %j', (secret) => {
    expect(secretWeakness(secret)).toMatch(/^has \d+ bytes; at least 32 are needed$/)
  })

  test.each([...listed, ...guessable])('guessable: %j', (secret) => {
    expect(secretWeakness(secret)).toMatch(/^(?:looks like|repeats|is too|stands on)/)
  })

  test('the reason never repeats the secret', () => {
    for (const secret of guessable) {
      expect(secretWeakness(secret)?.toLowerCase()).not.toContain(secret.toLowerCase())
    }
  })

  test('bytes are counted, not characters', () => {
    expect(secretWeakness(`${'ä'.repeat(15)}a`)).toBe('has 31 bytes; at least 32 are needed')
    expect(secretWeakness(`${'ä'.repeat(15)}ab`)).not.toMatch(/^has/)
  })

  test('the advice makes a secret that is accepted', () => {
    expect(howToMakeASecret).toContain("randomBytes(32).toString('base64url')")
    expect(secretWeakness(createHash('sha256').update('x').digest('base64url'))).toBeUndefined()
  })
})
