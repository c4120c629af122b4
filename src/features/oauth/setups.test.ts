import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { github } from './providers/github.js'
import { readSetups } from './setups.js'

/** What operators say of providers, and all that is wrong with it at once. */
const client = { clientId: 'app', clientSecret: 'hush-hush' }
const pem = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
const appleKey = { teamId: 'TEAM', keyId: 'KEY', privateKey: pem('P-256') }
const tenant = '8a0c25b4-3a4e-4f0f-9b2f-0d6f5a1b7c11'

const read = (...given: Parameters<typeof readSetups>[0]) =>
  readSetups(given, 'http://localhost:8000')
const options = (...given: Parameters<typeof readSetups>[0]) =>
  read(...given).mistakes.map(({ option }) => option.replace('oauth.providers.', ''))

describe('what works', () => {
  test.each([
    ['one that is known', { name: 'google', ...client }],
    ['a tenant', { name: 'microsoft', ...client, tenant }],
    ['a tenant of one’s own', { name: 'microsoft', ...client, tenant, trustsEmail: true }],
    ['everybody’s tenant', { name: 'microsoft', ...client, tenant: 'common' }],
    ['Apple without a secret', { name: 'apple', clientId: 'app', ...appleKey }],
    ['GitLab of one’s own', { name: 'gitlab', ...client, issuer: 'https://git.example.com' }],
    ['any OpenID provider', { name: 'acme', ...client, issuer: 'https://login.acme.example/' }],
    ['one on this machine', { name: 'acme', ...client, issuer: 'http://localhost:9000' }],
    ['one in code', { name: 'acme', ...client, definition: github }],
  ])('%s', (_name, given) => {
    const { setups, mistakes } = read(given)
    expect(mistakes).toEqual([])
    expect(setups).toMatchObject([{ provider: { name: given.name }, client: { id: 'app' } }])
  })

  test('a title, scopes and apps of one’s own', () => {
    const more = { title: 'Work', scopes: ['email'], appClientIds: ['phone'] }
    expect(
      read({ name: 'acme', ...client, issuer: 'https://a.example', ...more }).setups,
    ).toMatchObject([
      { provider: { title: 'Work', scopes: ['openid', 'email'] }, appClientIds: ['phone'] },
    ])
  })

  test('line ends of a key that are written as two signs', () => {
    const privateKey = appleKey.privateKey.replaceAll('\n', '\\n')
    expect(options({ name: 'apple', clientId: 'app', ...appleKey, privateKey })).toEqual([])
  })
})

describe('what does not', () => {
  test.each([
    ['nobody knows it', { name: 'acme', ...client }, ['acme']],
    [
      'its name is taken',
      { name: 'exchange', ...client, issuer: 'https://a.example' },
      ['exchange'],
    ],
    ['it has no secret', { name: 'google', clientId: 'app' }, ['google.clientSecret']],
    [
      'its secret is empty (A-157)',
      { name: 'google', clientId: 'app', clientSecret: '' },
      ['google.clientSecret'],
    ],
    ['it has no tenant', { name: 'microsoft', ...client }, ['microsoft.tenant']],
    [
      'its tenant is none',
      { name: 'microsoft', ...client, tenant: 'x/../y' },
      ['microsoft.tenant'],
    ],
    [
      'everybody’s tenant is trusted for addresses (nOAuth)',
      { name: 'microsoft', ...client, tenant: 'common', trustsEmail: true },
      ['microsoft.trustsEmail'],
    ],
    [
      'Apple lacks all',
      { name: 'apple', clientId: 'app' },
      ['apple.teamId', 'apple.keyId', 'apple.privateKey'],
    ],
    [
      'Apple’s key is of another curve',
      { name: 'apple', clientId: 'app', ...appleKey, privateKey: pem('P-384') },
      ['apple.privateKey'],
    ],
    [
      'Apple’s key is none',
      { name: 'apple', clientId: 'app', ...appleKey, privateKey: 'hush-hush' },
      ['apple.privateKey'],
    ],
    ['a setting means nothing to it', { name: 'google', ...client, tenant }, ['google.tenant']],
    [
      'Google is trusted for addresses',
      { name: 'google', ...client, trustsEmail: true },
      ['google.trustsEmail'],
    ],
    [
      'it is elsewhere without TLS',
      { name: 'acme', ...client, issuer: 'http://a.example' },
      ['acme.issuer'],
    ],
    [
      'it only looks like this machine',
      { name: 'acme', ...client, issuer: 'http://localhost.a.example' },
      ['acme.issuer'],
    ],
    [
      'its entry cannot ask who somebody is',
      { name: 'acme', ...client, definition: { ...github, fetchClaims: undefined } },
      ['acme', 'acme'],
    ],
  ])('%s', (_name, given, expected) => {
    const { setups, mistakes } = read(given)
    expect(mistakes.map(({ option }) => option.replace('oauth.providers.', ''))).toEqual(expected)
    expect(setups).toEqual([])
    expect(JSON.stringify(mistakes)).not.toContain('hush')
  })

  test('one on this machine, once latchkey is reached by https', () => {
    const given = { name: 'acme', ...client, issuer: 'http://localhost:9000' }
    const { mistakes } = readSetups([given], 'https://id.example.com')
    expect(mistakes).toMatchObject([{ option: 'oauth.providers.acme.issuer' }])
  })

  test('two of one name; and all mistakes are told at once', () => {
    const google = { name: 'google', ...client }
    expect(
      options(google, google, { name: 'acme', ...client }, { name: 'apple', clientId: 'a' }),
    ).toEqual([...['google', 'acme', 'apple.teamId', 'apple.keyId', 'apple.privateKey']])
  })
})
