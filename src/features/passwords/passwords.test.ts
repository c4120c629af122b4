import { hashSync } from '@node-rs/argon2'
import { hashSync as bcryptHash } from '@node-rs/bcrypt'
import { afterAll, describe, expect, test } from 'vitest'
import { decoyHash, type HashSettings, verifyJob } from './algorithms.js'
import type { HashJob } from './hash-job.js'
import { createHashGate } from './hashing.js'
import { createPasswords } from './passwords.js'
import { markPlaintext } from './plaintext.js'
import { readHash } from './stored-hash.js'
import { createHashWorkers } from './workers.js'

const argon2: HashSettings = { algorithm: 'argon2id', memoryKib: 19_456, passes: 2, parallelism: 1 }
const bcrypt: HashSettings = { algorithm: 'bcrypt', cost: 12 }
const password = 'a long and winding road'

const workers = createHashWorkers()
afterAll(() => workers.close())

const passwordsWith = (hashing: HashSettings, queue = 100, own = workers) => {
  const { gate } = createHashGate({ queue, atOnce: 2 })
  const policy = 'default'
  const room = createPasswords({ hashing, policy, serviceName: 'latchkey', gate, workers: own })
  return {
    hash: (text: string) => room.hash(text, 'login'),
    verify: (text: string, stored?: string | null) => room.verify(text, stored, 'login'),
    isOutdated: room.isOutdated,
  }
}

describe('a hash', () => {
  test('is a PHC string with the parameters that were asked for, and another each time', async () => {
    const passwords = passwordsWith(argon2)
    const [one, two] = await Promise.all([passwords.hash(password), passwords.hash(password)])

    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.toBe(two)
    expect(await passwords.verify(password, one)).toBe(true)
    expect(await passwords.verify(`${password} `, one)).toBe(false)
    expect(await passwords.verify(password.toUpperCase(), one)).toBe(false)
  })

  test('of bcrypt has the cost that was asked for', async () => {
    const passwords = passwordsWith(bcrypt)
    const hash = await passwords.hash(password)

    expect(hash).toMatch(/^\$2[by]\$12\$[./\w]{53}$/)
    expect(await passwords.verify(password, hash)).toBe(true)
    expect(await passwords.verify('another one', hash)).toBe(false)
  })

  test('both ways to write one character are one password (NFC)', async () => {
    const passwords = passwordsWith(argon2)
    const hash = await passwords.hash('Zoe\u0308 and the caf\u00e9')

    expect(await passwords.verify('Zo\u00eb and the cafe\u0301', hash)).toBe(true)
    expect(await passwords.verify('Zoe and the cafe', hash)).toBe(false)
  })

  test('A-069: bcrypt never passes a password for its first 72 bytes', async () => {
    const passwords = passwordsWith(bcrypt)
    const long = 'x'.repeat(72)
    const hash = bcryptHash(long, { cost: 12 })

    expect(await passwords.verify(long, hash)).toBe(true)
    expect(await passwords.verify(`${long}y`, hash)).toBe(false)
    await expect(passwords.hash(`${long}y`)).rejects.toThrow('not keep')
  })

  test('bcrypt is not given a nought to keep, which it would take for an end', async () => {
    const passwords = passwordsWith(bcrypt)
    const hash = bcryptHash('abc', { cost: 4 })

    expect(await passwords.verify('abc\0abc', hash)).toBe(false)
    await expect(passwords.hash('abc\0abc')).rejects.toThrow('not keep')
  })

  test('A-073: a hash as the password is only text', async () => {
    const passwords = passwordsWith(argon2)
    const hash = await passwords.hash(password)

    expect(await passwords.verify(hash, hash)).toBe(false)
  })
})

describe('hashes from elsewhere', () => {
  test.each([
    ['argon2d', hashSync(password, { algorithm: 0, memoryCost: 4096, timeCost: 3 })],
    ['argon2i', hashSync(password, { algorithm: 1, memoryCost: 4096, timeCost: 3 })],
    ['a cheap argon2id', hashSync(password, { algorithm: 2, memoryCost: 1024, timeCost: 1 })],
    ['a short one', hashSync(password, { algorithm: 2, memoryCost: 1024, outputLen: 16 })],
    ['bcrypt $2b$', bcryptHash(password, { cost: 5 })],
    ['bcrypt $2y$ of PHP', bcryptHash(password, { cost: 5 }).replace(/^\$2b/, '$2y')],
    ['bcrypt $2a$', bcryptHash(password, { cost: 5 }).replace(/^\$2b/, '$2a')],
  ])('%s is verified, and outdated', async (_, hash) => {
    for (const passwords of [passwordsWith(argon2), passwordsWith(bcrypt)]) {
      expect(await passwords.verify(password, hash)).toBe(true)
      expect(await passwords.verify('another one', hash)).toBe(false)
      expect(passwords.isOutdated(hash)).toBe(true)
    }
  })

  test.each([
    '',
    'plain text',
    password,
    '$argon2id$',
    '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA',
    '$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=16$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2x$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=19456,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
    '$2b$12$short',
    `$2b$99$${'O'.repeat(53)}`,
    `$2b$00$${'O'.repeat(53)}`,
    `$1$salt$${'A'.repeat(22)}`,
    '{SSHA}AAAAAAAA',
    '\0',
  ])('what is no hash fits no password, and is no error: %j', async (stored) => {
    expect(await passwordsWith(argon2).verify(password, stored)).toBe(false)
  })

  test.each([
    `$argon2id$v=19$m=4194304,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$argon2id$v=19$m=19456,t=65535,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$argon2id$v=19$m=19456,t=2,p=255$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$2b$31$${'O'.repeat(53)}`,
    `$2b$16$${'O'.repeat(53)}`,
  ])('A-072: an absurd cost is never paid: %s', async (stored) => {
    expect(readHash(stored)?.isAbsurd).toBe(true)
    expect(await passwordsWith(argon2).verify(password, stored)).toBe(false)
  })
})

describe('whether a hash is outdated', () => {
  const of = (memoryCost: number, timeCost: number, parallelism: number) =>
    `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`
  const ofBcrypt = (cost: string) => `$2b$${cost}$${'O'.repeat(53)}`

  test.each([
    [of(19_456, 2, 1), argon2, false],
    [of(65_536, 3, 4), argon2, false],
    [of(19_455, 2, 1), argon2, true],
    [of(19_456, 1, 1), argon2, true],
    [of(19_456, 2, 1), { ...argon2, parallelism: 2 }, true],
    [of(19_456, 2, 1), { ...argon2, passes: 3 }, true],
    [ofBcrypt('12'), argon2, true],
    [of(19_456, 2, 1), bcrypt, true],
    [`argon2${of(19_456, 2, 1)}`, argon2, true], // as strong, in the form of Django
    [of(19_456, 2, 1).replace('v=19', 'v=16'), argon2, true],
    [of(19_456, 2, 1).replace('argon2id', 'argon2i'), argon2, true],
    [`bcrypt$${ofBcrypt('12')}`, bcrypt, true],
    [ofBcrypt('12'), bcrypt, false],
    [ofBcrypt('13'), bcrypt, false],
    [ofBcrypt('11'), bcrypt, true],
    ['nonsense', argon2, true],
  ] as const)('%s', (stored, hashing, outdated) => {
    expect(passwordsWith(hashing).isOutdated(stored)).toBe(outdated)
  })
})

describe('the decoy', () => {
  test.each([
    argon2,
    { ...argon2, memoryKib: 32_768, passes: 3, parallelism: 2 },
    bcrypt,
    { ...bcrypt, cost: 13 },
  ])('F4: costs what a real hash costs: %j', async (settings) => {
    expect(readHash(decoyHash(settings))?.settings).toEqual(settings)
    // `undefined` would mean that the library gave up early, which is quicker than hashing
    expect(await workers.run(verifyJob(password, decoyHash(settings)))).toBe(false)
  })

  test('a hundred decoys are all well-formed', () => {
    for (let count = 0; count < 100; count += 1) {
      for (const settings of [argon2, bcrypt]) expect(readHash(decoyHash(settings))).toBeDefined()
    }
  })

  test.each([undefined, null, '', 'nonsense'])('stands in where the hash is %j', async (stored) => {
    expect(await passwordsWith(argon2).verify(password, stored)).toBe(false)
  })
})

describe('every check', () => {
  const forNobody = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/
  const own = hashSync(password, { algorithm: 2, memoryCost: 1024, timeCost: 1 })

  /** The answers, and the hash of each piece of work that was done for them. */
  const watched = async (typed: string, stored: readonly (string | null)[]) => {
    const jobs: HashJob[] = []
    const passwords = passwordsWith(argon2, 100, {
      ...workers,
      run: (job) => {
        jobs.push(job)
        return workers.run(job)
      },
    })
    const answers: boolean[] = []
    for (const hash of stored) answers.push(await passwords.verify(typed, hash))
    return { answers, hashes: jobs.map((job) => ('hash' in job ? job.hash : job.kind)) }
  }

  test('F4: is one piece of work, for nobody’s sake where there is nothing to check', async () => {
    const { answers, hashes } = await watched(password, [
      own,
      null,
      'nonsense',
      `$2b$31$${'O'.repeat(53)}`,
      `$5$rounds=999999999$salt$${'A'.repeat(43)}`,
      markPlaintext(password),
      markPlaintext('another'),
      `${markPlaintext(password)}A`,
    ])

    expect(answers).toEqual([true, false, false, false, false, true, false, false])
    expect(hashes).toHaveLength(8)
    expect(hashes[0]).toBe(own)
    expect(new Set(hashes.slice(1)).size).toBe(1)
    expect(hashes[1]).toMatch(forNobody)
  })

  test('F4: of a password that cannot be checked costs as much', async () => {
    const old = bcryptHash('x', { cost: 4 })
    const { answers, hashes } = await watched('x'.repeat(73), [old])
    const halves = await watched('half a pair \ud800', [own, markPlaintext('half a pair \ufffd')])

    expect([...answers, ...halves.answers]).toEqual([false, false, false])
    for (const hash of [...hashes, ...halves.hashes]) expect(hash).toMatch(forNobody)
  })

  test('of a plain-text password takes both ways to write it (NFC), and keeps none', async () => {
    const marked = markPlaintext('Zoe\u0308')

    expect(marked).not.toMatch(/Zo/)
    expect((await watched('Zo\u00eb', [marked])).answers).toEqual([true])
    expect(readHash(marked)).toBeUndefined()
  })
})

describe('under load', () => {
  test('R-13: more than may wait are sent away before anything is hashed', async () => {
    const passwords = passwordsWith(argon2, 0)
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => passwords.hash(password)),
    )

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    await expect(passwords.verify(password, null)).resolves.toBe(false)
  })
})
