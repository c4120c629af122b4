import { describe, expect, test } from 'vitest'
import { createAuth } from './auth.js'
import { ConfigurationError, type Mistake } from './errors.js'
import { type AuthOptions, readOptions } from './options.js'
import { memoryStore } from './stores/memory/memory.js'

const [one, two] = [
  'kX9-2mQvT7_bR4wLzN8cJfH3yPdGsA6uEoViB1xU5tM',
  'Zp3_vK8-qW5nYcT1gRxL6hJ9mBdS2fUoEiA7tXwGyQs',
]

/** What a program without types may give. */
const read = (given: object) => {
  const options: AuthOptions = Object.assign({ store: memoryStore() }, given)
  return readOptions(options)
}

const mistakesIn = (given: object): readonly Mistake[] => {
  try {
    read(given)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes
    throw error
  }
  return []
}

const wrong = (given: object) => mistakesIn(given).map(({ option }) => option)

describe('options that are left out', () => {
  test('are safe', () => {
    expect(read({})).toMatchObject({
      baseUrl: 'http://localhost:8000',
      name: 'latchkey',
      previousSecrets: [],
      tokens: {
        issuer: 'http://localhost:8000',
        audience: 'http://localhost:8000',
        expires: 900,
        rotateKeys: 90 * 86_400,
      },
      sessions: {
        refreshExpires: 7 * 86_400,
        absoluteExpires: 30 * 86_400,
        grace: 10,
        purge: 600,
      },
      passwords: { policy: 'default', queue: 64 },
      hashing: { algorithm: 'argon2id', memoryKib: 19_456, passes: 2, parallelism: 1 },
      http: {
        allowedOrigins: [],
        refreshTokenTransport: 'auto',
        maxBodyBytes: 10_240,
        allowInsecureCookies: false,
      },
    })
  })

  test('mean the same as undefined, at any depth', () => {
    const given = {
      secret: undefined,
      tokens: { expires: undefined, secret: undefined, claims: undefined },
      sessions: undefined,
      passwords: { policy: undefined },
      http: { allowedOrigins: undefined },
    }

    expect(read(given)).toEqual(read({}))
  })

  test('issuer and audience are the address, unless they are given', () => {
    const baseUrl = 'https://id.example.com'

    expect(read({ baseUrl }).tokens).toMatchObject({ issuer: baseUrl, audience: baseUrl })
    expect(read({ baseUrl, tokens: { issuer: 'i', audience: 'a' } }).tokens).toMatchObject({
      issuer: 'i',
      audience: 'a',
    })
  })

  test('bcrypt is hashed at cost 12', () => {
    expect(read({ passwords: { hash: 'bcrypt' } }).hashing).toEqual({
      algorithm: 'bcrypt',
      cost: 12,
    })
  })
})

describe('options that cannot work', () => {
  test('are told all at once, each by its name', () => {
    expect(
      wrong({
        secret: 'short',
        baseUrl: 'https://id.example.com/',
        colour: 'blue',
        tokens: { expires: '2h', algorithm: 'RS256' },
        sessions: { grace: '61s', refreshExpires: '31d', absoluteExpires: 'soon', purge: '2d' },
        passwords: { policy: 'strict', memoryKib: 1024, passes: 1.5, queue: -1, threads: 0 },
        http: { allowedOrigins: ['https://app.example.com/'], maxBodyBytes: 2_000_000, cors: true },
      }).toSorted(),
    ).toEqual(
      [
        ...['secret', 'baseUrl', 'colour', 'tokens.expires', 'tokens.algorithm'],
        ...['sessions.grace', 'sessions.refreshExpires', 'sessions.absoluteExpires'],
        'sessions.purge',
        ...['passwords.policy', 'passwords.memoryKib', 'passwords.passes', 'passwords.queue'],
        'passwords.threads',
        ...['http.allowedOrigins', 'http.maxBodyBytes', 'http.cors'],
      ].toSorted(),
    )
  })

  test('a wrong value and a contradiction are told together', () => {
    expect(wrong({ name: '', tokens: { algorithm: 'HS256' } })).toEqual(['name', 'tokens.secret'])
  })

  test('the message lists each on a line and never holds a secret', () => {
    const weak = 'my-super-secret-and-rather-long-password'
    const message = mistakesIn({ secret: weak, tokens: { secret: weak } })
      .map(({ detail }) => detail)
      .join()

    expect(message).not.toContain(weak)
    expect(() => read({ secret: weak, colour: 1 })).toThrow(/^secret: .*\ncolour: /)
  })

  test.each([
    ['1m', true],
    ['60m', true],
    ['59s', false],
    ['61m', false],
    ['15', false],
    ['15 m', false],
    ['', false],
    [900, false],
    [null, false],
  ])('an access token may live for %j: %s', (expires, fine) => {
    expect(wrong({ tokens: { expires } })).toEqual(fine ? [] : ['tokens.expires'])
  })

  test.each([
    ...['ftp://id.example.com', 'id.example.com', 'https://id.example.com/', '', 'https://a@b.de'],
    ...['https://id.example.com?x', 'https://id.example.com#x', 'javascript:alert(1)'],
  ])('%j is no address for the service', (baseUrl) => {
    expect(wrong({ baseUrl })).toContain('baseUrl')
  })

  test.each([
    ...['*', 'null', 'app.example.com', 'https://app.example.com/', 'https://APP.example.com'],
    ...['https://app.example.com:443', 'https://*.example.com', 'https://app.example.com/x'],
  ])('%j is no origin', (origin) => {
    expect(wrong({ http: { allowedOrigins: [origin] } })).toEqual(['http.allowedOrigins'])
  })

  test.each([
    [{ tokens: null }],
    [{ sessions: null }],
    [{ http: null, name: '' }],
    [{ sessions: null, name: '' }],
    [{ tokens: null, name: '' }],
    [{ tokens: 'x', name: '' }],
    [{ baseUrl: 5 }],
    [{ secret: 5, tokens: { secret: 5 } }],
    [{ previousSecrets: 'x' }],
    [{ previousSecrets: [''] }],
    [{ http: { allowedOrigins: 'https://app.example.com' } }],
    [{ http: { allowedAddresses: [5], adminAllowedAddresses: [null], deniedAddresses: 'x' } }],
  ])('nonsense is a mistake, not a crash: %j', (given) => {
    expect(() => mistakesIn(given)).not.toThrow()
  })

  test('no store is a mistake that says what to give', () => {
    expect(mistakesIn({ store: undefined })).toMatchObject([
      { option: 'store', detail: expect.stringContaining('sqlStore(') },
    ])
    expect(wrong({ store: null, name: '' })).toEqual(['store', 'name'])
  })

  test('a store without a secret of its own needs one', () => {
    const { localSecret: _, ...store } = memoryStore()

    expect(() => createAuth({ store })).toThrow(/^secret: is needed/)
    expect(() => createAuth({ store, secret: one })).not.toThrow()
  })
})

describe('options that contradict each other', () => {
  test.each([
    [{ tokens: { algorithm: 'HS256' } }, ['tokens.secret']],
    [{ tokens: { algorithm: 'ES256', secret: one } }, ['tokens.algorithm']],
    [{ tokens: { algorithm: 'HS256', secret: one } }, []],
    [{ tokens: { secret: one } }, []],
    [{ secret: one, tokens: { secret: one } }, ['tokens.secret']],
    [{ secret: one, sessions: { secret: one } }, ['sessions.secret']],
    [{ tokens: { secret: one }, sessions: { secret: one } }, ['sessions.secret']],
    [{ secret: one, tokens: { secret: two } }, []],
    [{ baseUrl: 'http://id.example.com' }, ['baseUrl']],
    [{ baseUrl: 'http://id.example.com', http: { allowInsecureCookies: true } }, []],
    [{ baseUrl: 'http://127.0.0.1:8000' }, []],
    [{ baseUrl: 'http://[::1]:8000' }, []],
    [{ baseUrl: 'http://localhost.example.com' }, ['baseUrl']],
    [{ baseUrl: 'http://127.0.0.1.example.com' }, ['baseUrl']],
    [{ baseUrl: 'https://id.example.com' }, []],
  ])('%j: %j', (given, options) => {
    expect(wrong(given)).toEqual(options)
  })
})
