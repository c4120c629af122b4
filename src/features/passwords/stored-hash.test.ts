import { describe, expect, test } from 'vitest'
import { readHash, recogniseHash, saysNoPassword } from './stored-hash.js'

/** Well-formed pieces; what is right with real passwords is told in test/hashes. */
const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64')
const bare = (bytes: number) => base64(bytes).replaceAll('=', '')
const adapted = (bytes: number) => bare(bytes).replaceAll('+', '.')
const hex = (bytes: number) => '07'.repeat(bytes)
const bcryptDigits = 'O'.repeat(53)
const identity = (digest: number, iterations: number, salt = 16, key = 32) => {
  const head = Buffer.from([1, ...Array.from({ length: 12 }, () => 0)])
  head.writeUInt32BE(digest, 1)
  head.writeUInt32BE(iterations, 5)
  head.writeUInt32BE(salt, 9)
  return Buffer.concat([head, Buffer.alloc(Math.min(salt, 64) + key, 7)]).toString('base64')
}

const forms = {
  argon2: (cost: string, version = 'v=19$') =>
    `$argon2id$${version}${cost}$${bare(16)}$${bare(32)}`,
  wrapped: (cost: string) => `$wrapped$md5$$argon2id$v=19$${cost}$${bare(16)}$${bare(32)}`,
  bcrypt: (cost: string) => `$2b$${cost}$${bcryptDigits}`,
  djangoBcrypt: (cost: string) => `bcrypt_sha256$$2b$${cost}$${bcryptDigits}`,
  passlibBcrypt: (cost: string) =>
    `$bcrypt-sha256$v=2,t=2b,r=${cost}$${'O'.repeat(22)}$${'O'.repeat(31)}`,
  passlibScrypt: (cost: string) => `$scrypt$${cost}$${bare(16)}$${bare(32)}`,
  djangoScrypt: (n: string, r = '8', p = '1') => `scrypt$${n}$salt$${r}$${p}$${base64(64)}`,
  werkzeugScrypt: (cost: string) => `scrypt:${cost}$salt$${hex(64)}`,
  firebase: (cost: string) => `$firebase-scrypt$${cost}$${bare(11)}$${bare(64)}`,
  djangoPbkdf2: (iterations: string) => `pbkdf2_sha256$${iterations}$salt$${base64(32)}`,
  werkzeugPbkdf2: (iterations: string) => `pbkdf2:sha512:${iterations}$salt$${hex(64)}`,
  passlibPbkdf2: (iterations: string) => `$pbkdf2$${iterations}$${adapted(16)}$${adapted(20)}`,
  shaCrypt: (rounds: string) => `$5$${rounds}salt$${'A'.repeat(43)}`,
}

describe('a cost', () => {
  test.each([
    forms.argon2('m=262144,t=16,p=16'),
    forms.wrapped('m=262144,t=16,p=16'),
    forms.bcrypt('15'),
    forms.djangoBcrypt('15'),
    forms.passlibBcrypt('15'),
    forms.passlibScrypt('ln=18,r=8,p=1'),
    forms.passlibScrypt('ln=14,r=8,p=16'),
    forms.djangoScrypt('262144'),
    forms.werkzeugScrypt('262144:8:1'),
    forms.firebase('ln=18,r=8,p=1'),
    forms.djangoPbkdf2('5000000'),
    forms.werkzeugPbkdf2('5000000'),
    forms.passlibPbkdf2('5000000'),
    identity(2, 5_000_000),
    forms.shaCrypt('rounds=1000000$'),
  ])('at the bound is paid: %s', (stored) => {
    expect(recogniseHash(stored)?.isAbsurd).toBe(false)
  })

  test.each([
    forms.argon2('m=262145,t=2,p=1'),
    forms.argon2('m=19456,t=17,p=1'),
    forms.argon2('m=19456,t=2,p=17'),
    forms.argon2('m=999999999,t=99999,p=255'),
    forms.wrapped('m=262145,t=2,p=1'),
    forms.bcrypt('16'),
    forms.bcrypt('31'),
    `bcrypt$${forms.bcrypt('31')}`,
    forms.djangoBcrypt('31'),
    forms.passlibBcrypt('31'),
    forms.passlibScrypt('ln=19,r=8,p=1'),
    forms.passlibScrypt('ln=14,r=8,p=17'),
    forms.passlibScrypt('ln=17,r=8,p=5'),
    forms.passlibScrypt('ln=99,r=99999,p=99999'),
    forms.djangoScrypt('524288'),
    forms.djangoScrypt('2147483648'),
    forms.djangoScrypt('16384', '8', '17'),
    forms.werkzeugScrypt('32768:99999:1'),
    forms.firebase('ln=31,r=8,p=1'),
    forms.djangoPbkdf2('5000001'),
    forms.djangoPbkdf2('2147483648'),
    forms.werkzeugPbkdf2('2147483648'),
    forms.passlibPbkdf2('4294967295'),
    identity(2, 2 ** 31),
    identity(0, 2_500_001, 16, 64), // four pieces of sha1
    forms.shaCrypt('rounds=1000001$'),
    forms.shaCrypt('rounds=999999999$'),
  ])('A-072: above it is known and absurd: %s', (stored) => {
    expect(recogniseHash(stored)?.isAbsurd).toBe(true)
  })

  test.each([
    forms.argon2('m=4294967296,t=2,p=1'),
    forms.argon2('m=019456,t=2,p=1'),
    forms.argon2('m=19456,t=0,p=1'),
    forms.argon2('m=19456,t=2,p=0'),
    forms.argon2('m=15,t=2,p=2'),
    forms.argon2('m=-1,t=2,p=1'),
    forms.argon2('m=19456,t=2,p=1', 'v=18$'),
    forms.argon2('m=19456,t=2,p=1,keyid=AAAA'),
    forms.wrapped('m=7,t=2,p=1'),
    forms.bcrypt('03'),
    forms.bcrypt('32'),
    forms.bcrypt('4'),
    forms.bcrypt('012'),
    forms.passlibBcrypt('04'),
    forms.passlibBcrypt('99'),
    forms.passlibScrypt('ln=0,r=8,p=1'),
    forms.passlibScrypt('ln=016,r=8,p=1'),
    forms.passlibScrypt('ln=16,r=1,p=1'), // RFC 7914: below 2^(16 r)
    forms.passlibScrypt('ln=2147483648,r=8,p=1'),
    forms.djangoScrypt('16383'),
    forms.djangoScrypt('1'),
    forms.djangoScrypt('99999999999'),
    forms.djangoScrypt('1e4'),
    forms.werkzeugScrypt('0x8000:8:1'),
    forms.firebase('ln=14,r=8,p=2'),
    forms.djangoPbkdf2('0'),
    forms.djangoPbkdf2('01000'),
    forms.djangoPbkdf2('-1'),
    forms.djangoPbkdf2('1'.repeat(11)),
    forms.djangoPbkdf2('1'.repeat(400)),
    forms.werkzeugPbkdf2(''),
    forms.passlibPbkdf2('1000.5'),
    identity(2, 0),
    identity(3, 1000),
    identity(2, 1000, 8),
    identity(2, 1000, 2 ** 31),
    identity(2, 1000, 16, 15),
    identity(2, 1000, 16, 65),
    forms.shaCrypt('rounds=999$'),
    forms.shaCrypt('rounds=01000$'),
    forms.shaCrypt('rounds=1000000000$'),
    forms.shaCrypt('rounds=$'),
  ])('that nobody would write makes no hash: %s', (stored) => {
    expect(recogniseHash(stored)).toBeUndefined()
  })
})

describe('what is no hash of a kind that is known', () => {
  test.each([
    '',
    '!',
    '*',
    'secret',
    `$2x$10$${bcryptDigits}`, // the faulty one of PHP before 5.3.7
    `$2b$10$${'A'.repeat(53)}`, // bits that bcrypt has no place for
    `$1$salt$${'A'.repeat(22)}`,
    `$apr1$salt$${'A'.repeat(22)}`,
    '{SSHA}AAAA',
    `$scrypt$ln=16,r=8,p=1$${bare(16)}$`,
    `pbkdf2_md5$1000$salt$${base64(16)}`,
    `pbkdf2_sha1$1000$salt$${base64(32)}`,
    `pbkdf2:sha1:1000$salt$${hex(32)}`,
    `pbkdf2_sha256$1000$$${base64(32)}`,
    `${hex(16)}:${hex(63)}`,
    `${'AB'.repeat(16)}:${hex(64)}`,
    identity(1, 1000).replace(/^AQ/, 'AA'), // version 2
    `$wrapped$md5$c2FsdA${forms.argon2('m=19456,t=2,p=1')}`,
    `$wrapped$md5-salt-password$${forms.argon2('m=19456,t=2,p=1')}`,
    `$wrapped$md5$${forms.bcrypt('12')}`,
    `$wrapped$md5$${forms.wrapped('m=19456,t=2,p=1')}`,
    '$plaintext$c2VjcmV0',
  ])('%s', (stored) => {
    expect(recogniseHash(stored)).toBeUndefined()
  })

  test('a text longer than any hash', () => {
    const long = (length: number) => `pbkdf2_sha256$1000$${'s'.repeat(length)}$${base64(32)}`

    expect([readHash(long(128))?.kind, readHash(long(129)), readHash(long(1e7))]).toEqual([
      'Django PBKDF2',
      undefined,
      undefined,
    ])
  })

  test.each([
    ['', true],
    ['!', true],
    ['!aBcDeF0123456789', true],
    ['*', true],
    ['secret', false],
    [forms.bcrypt('12'), false],
  ])('whether %j says that there is no password: %s', (stored, expected) => {
    expect(saysNoPassword(stored)).toBe(expected)
  })
})

describe('a password that a kind cannot tell from others', () => {
  const jobOf = (stored: string, password: string) => readHash(stored)?.job(password)

  test('A-069: bcrypt is not asked beyond 72 bytes, nor about a nought', () => {
    for (const stored of [forms.bcrypt('12'), `bcrypt$${forms.bcrypt('12')}`]) {
      expect(jobOf(stored, 'x'.repeat(72))).toBeDefined()
      expect(jobOf(stored, 'x'.repeat(73))).toBeUndefined()
      expect(jobOf(stored, 'é'.repeat(37))).toBeUndefined()
      expect(jobOf(stored, 'abc\0abc')).toBeUndefined() // bcrypt takes it for abc
    }
    for (const stored of [forms.djangoBcrypt('12'), forms.passlibBcrypt('12')]) {
      expect(jobOf(stored, 'x'.repeat(73))).toBeDefined()
    }
  })

  test('A-072: a long password is not digested a million times', () => {
    const [many, few] = [forms.shaCrypt('rounds=1000000$'), forms.shaCrypt('')]

    expect(jobOf(many, 'x'.repeat(256))).toBeDefined()
    expect(jobOf(many, 'x'.repeat(257))).toBeUndefined()
    expect(jobOf(few, 'x'.repeat(1024))).toBeDefined()
  })
})
