import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { type Answer, expectHealthy, startTarget, type Target } from './target.js'

/** A-056 (its timing: test/faults/r-32-timing.test.ts), A-057, A-068, A-069, A-071 to, S-01 to S-06: passwords that are wrong, long, strange or planted. */
describe('passwords', () => {
  let target: Target
  let count = 0

  beforeAll(async () => {
    target = await startTarget()
  })
  afterAll(async () => {
    await expectHealthy(target)
    await target.close()
  })

  const login = (body: object | string, path = '/auth/login') => target.ask('POST', path, { body })
  const register = (password: unknown, more: object = {}) => {
    count += 1
    return target.ask('POST', '/auth/register', {
      body: { email: `user${count}@example.net`, password, ...more },
    })
  }
  const codesOf = ({ json }: Answer): string[] =>
    (json.errors ?? []).map(({ code }: { code: string }) => code)
  const plain = ({ status, headers, json }: Answer) => {
    const { date: _date, 'x-request-id': _id, ...rest } = headers
    return {
      status,
      rest: { ...rest, 'content-length': undefined },
      json: { ...json, request_id: '' },
    }
  }

  test('A-056, A-057 unknown, wrong, disabled and without a password: one answer', async () => {
    const disabled = (await register('correct horse battery')).json.user
    await target.auth.users.setActive(disabled.id, false, { actor: 'test' })
    const now = target.clock()
    const bare = {
      id: '01900000-0000-7000-8000-000000000001',
      email: 'bare@example.net',
      canonicalEmail: 'bare@example.net',
      username: null,
      canonicalUsername: null,
      firstName: null,
      lastName: null,
      emailVerified: true,
      isActive: true,
      roles: [],
      passwordHash: null,
      createdAt: now,
      updatedAt: now,
      lastLoginAt: null,
    }
    await target.auth.store.users.createIfAbsent(bare)
    const wrong = 'wrong password 4711'
    const answers = await Promise.all(
      [target.ada.email, 'nobody@example.net', disabled.email, bare.email].map((email) =>
        login({ email, password: wrong }),
      ),
    )
    const [first, ...others] = answers.map(plain)
    expect(first).toMatchObject({ status: 401, json: { code: 'invalid_credentials' } })
    for (const other of others) expect(other).toEqual(first)
    expect(plain(await login({ username: 'nobody', password: wrong }))).toEqual(first)
    expect(plain(await login({ email: bare.email, password: '' }))).toEqual(first)
  })

  test('A-068 endless passwords are refused before they cost a hash', async () => {
    for (const [length, status] of [
      [1_025, 422],
      [5_000, 422],
      [1_048_576, 413],
    ] as const) {
      const password = 'a'.repeat(length)
      const started = performance.now()
      expect((await login({ email: target.ada.email, password })).status).toBe(status)
      expect((await register(password)).status).toBe(status)
      expect(performance.now() - started).toBeLessThan(1_000)
    }
    expect(target.auth.hashLoad()).toMatchObject({ running: 0 })
  })

  test('S-01, S-03, S-04, A-069 lengths and signs: nothing is cut, trimmed or folded', async () => {
    const fine = [
      '0918273645546372819',
      'qwmznebxrvctybunimo',
      ' leading and trailing ',
      'tab\tand\nline breaks',
      'пароль от всего сущего',
      '🐴🔋📎🐎🪫🖇️🦄⚡🧷🐐🔌📌',
      'x1'.padEnd(64, 'yz7'),
      'q'.padEnd(128, 'wert9 '),
      'é'.padEnd(256, 'àx'),
      `${'b'.repeat(71)}1é`,
      '"quotes\' and \\slashes\\',
      '<script>alert(1)</script>',
      "' OR 1=1; -- padded",
      '%00%0a%0d percent',
    ]
    for (const password of fine) {
      const made = await register(password)
      expect([password, made.status, codesOf(made)]).toEqual([password, 201, []])
      const { email } = made.json.user
      expect((await login({ email, password })).status).toBe(200)
      for (const near of [
        password.slice(0, -1),
        `${password} `,
        password.trim(),
        password.toUpperCase(),
        `${password}\0`,
      ].filter((one) => one !== password)) {
        expect([near, (await login({ email, password: near })).status]).toEqual([near, 401])
      }
    }
    expect(codesOf(await register('elevensign!'))).toEqual(['password_too_short'])
    expect(codesOf(await register('é'.padEnd(257, 'àx')))).toEqual(['password_too_long'])
    for (const unusable of [
      'a nul \0 inside it',
      'a lone \ud800 surrogate',
      '\udfff another of them',
    ]) {
      expect(codesOf(await register(unusable))).toEqual(['password_unusable'])
    }
  })

  test('A-069 both spellings of an accent are one password; a lost surrogate is no replacement sign', async () => {
    const { json } = await register('caf\u00e9 au lait 4711')
    expect(
      (await login({ email: json.user.email, password: 'cafe\u0301 au lait 4711' })).status,
    ).toBe(200)
    const replaced = await register('a strange \ufffd password')
    expect(replaced.status).toBe(201)
    expect(
      (await login({ email: replaced.json.user.email, password: 'a strange \ud800 password' }))
        .status,
    ).toBe(401)
  })

  test('A-071, S-06 common passwords and those with a name in them, at registration and at change', async () => {
    const { access } = await target.signIn()
    const change = (new_password: string) =>
      target.ask('POST', '/auth/password/change', {
        token: access,
        body: { current_password: target.ada.password, new_password },
      })
    for (const password of [
      'password123456',
      'passwordpassword',
      '123456789012',
      'qwertyuiopas',
      'aaaaaaaaaaaa',
      'PASSWORD12345',
      'abcabcabcabc',
      'Welcome12345',
      'changeme1234',
      'iloveyou2024',
      'administrator2024',
    ]) {
      expect([password, codesOf(await register(password))]).toEqual([password, ['password_common']])
      expect([password, codesOf(await change(password))]).toEqual([password, ['password_common']])
    }
    for (const password of ['i love LatchKey so much', 'example ada@example.com'])
      expect((await change(password)).status).toBe(422)
    expect(codesOf(await register('the great wintermute!', { first_name: 'Wintermute' }))).toEqual([
      'password_contains_identity',
    ])
    expect(codesOf(await register(`user${count + 1} has this one`))).toEqual([
      'password_contains_identity',
    ])
  })

  test('S-05 a change needs the present password', async () => {
    const { access } = await target.signIn()
    const change = (body: object) =>
      target.ask('POST', '/auth/password/change', { token: access, body })
    expect((await change({ new_password: 'another long one 4711' })).status).toBe(422)
    const wrong = await change({
      current_password: 'not this one',
      new_password: 'another long one 4711',
    })
    expect([wrong.status, wrong.json.code]).toEqual([403, 'wrong_password'])
    expect(target.events.map(({ type }) => type)).toContain('password.change_failed')
    expect(
      (await target.ask('DELETE', '/auth/me', { token: access, body: { password: '' } })).status,
    ).toBe(403)
    expect((await target.ask('DELETE', '/auth/me', { token: access, body: {} })).status).toBe(422)
  })

  test('A-073 a hash is a password like any other', async () => {
    const hash = (await target.auth.store.users.findByEmail(target.ada.email))?.passwordHash
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await login({ email: target.ada.email, password: hash })).status).toBe(401)
  })

  test('A-075 credentials in the address are ignored', async () => {
    const query = `email=${target.ada.email}&password=${encodeURIComponent(target.ada.password)}`
    expect((await target.ask('POST', `/auth/login?${query}`)).status).toBe(422)
    expect((await target.ask('GET', `/auth/login?${query}`)).status).toBe(405)
    expect((await login({}, `/auth/login?${query}`)).status).toBe(422)
  })
})

describe('planted hashes', () => {
  test('A-072 a hash that would cost too much is never computed', async () => {
    const store = memoryStore()
    const target = await startTarget({ store })
    const salt = 'AAAAAAAAAAAAAAAAAAAAAA'
    const sum = 'A'.repeat(43)
    const now = target.clock()
    const planted = [
      `$2b$31$${'O'.repeat(53)}`,
      `bcrypt_sha256$$2b$31$${'O'.repeat(53)}`,
      `$argon2id$v=19$m=4194304,t=2,p=1$${salt}$${sum}`,
      `$argon2id$v=19$m=19456,t=4294967295,p=1$${salt}$${sum}`,
      `$argon2i$v=19$m=65536,t=99999,p=1$${salt}$${sum}`,
      `$argon2id$v=19$m=19456,t=2,p=999$${salt}$${sum}`,
      `$wrapped$md5$$argon2id$v=19$m=4194304,t=2,p=1$${salt}$${sum}`,
      '$pbkdf2-sha256$i=2147483648$AAAA$AAAA',
      `$pbkdf2-sha256$2147483648$${salt}$${sum}`,
      `pbkdf2_sha256$2147483648$salt$${sum}=`,
      `pbkdf2:sha256:2147483648$salt$${'a'.repeat(64)}`,
      'AQAAAAKAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==',
      `$scrypt$ln=31,r=8,p=1$${salt}$${sum}`,
      `scrypt$2147483648$salt$8$1$${'A'.repeat(86)}==`,
      `scrypt:1048576:8:1$salt$${'a'.repeat(128)}`,
      `$firebase-scrypt$ln=31,r=8,p=1$${salt}$${'A'.repeat(86)}`,
      `$5$rounds=999999999$salt$${sum}`,
      `$6$rounds=999999999$salt$${'A'.repeat(86)}`,
      '',
      'plain',
      '$',
      '$2b$',
      '$argon2id$',
      '*',
      '!',
      target.ada.password,
      `$2b$04$${'\0'.repeat(53)}`,
    ]
    for (const [index, passwordHash] of planted.entries()) {
      const name = `planted${index}`
      await store.users.createIfAbsent({
        id: `01900000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
        email: null,
        canonicalEmail: null,
        username: name,
        canonicalUsername: name,
        firstName: null,
        lastName: null,
        emailVerified: false,
        isActive: true,
        roles: [],
        passwordHash,
        createdAt: now,
        updatedAt: now,
        lastLoginAt: null,
      })
      for (const password of [passwordHash, target.ada.password]) {
        const started = performance.now()
        const { status } = await target.ask('POST', '/auth/login', {
          body: { username: name, password },
        })
        expect([passwordHash, status]).toEqual([passwordHash, 401])
        expect(performance.now() - started).toBeLessThan(2_000)
      }
    }
    await expectHealthy(target)
    await target.close()
  })
})
