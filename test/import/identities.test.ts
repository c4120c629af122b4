import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../../src/auth.js'
import type { Identity } from '../../src/features/oauth/store.js'
import { openFileSource } from '../../src/server/import/file-source.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { newFolder, run, runJson } from '../cli/command.js'
import { takeIn } from './taken-in.js'

/** Logins at providers come in with their accounts, once, and go out again. */
const opened: Auth[] = []
afterAll(() => Promise.all(opened.map((auth) => auth.close())))

const bcrypt = '$2b$12$abcdefghijklmnopqrstuuEyy7oSHSY7e0wRkqAGkzKkkE0uWQKLe'
const newAuth = (): Auth => {
  const auth = createAuth({ store: memoryStore() })
  opened.push(auth)
  return auth
}

const fileWith = (name: string, text: string): string => {
  const file = join(newFolder(), name)
  writeFileSync(file, text)
  return file
}

const taken = async (
  file: string,
  { auth = newAuth(), ...more }: { auth?: Auth } & Parameters<typeof takeIn>[2] = {},
) => {
  const source = await openFileSource(file)
  const all = await takeIn(auth, source, more)
  await source.close()
  return { ...all, auth }
}

const linksOf = async (auth: Auth, userId: string): Promise<string[]> =>
  (await auth.store.identities.list(userId))
    .map(({ provider, subject }) => `${provider} ${subject}`)
    .sort()

const csv = (...rows: readonly string[]): string =>
  fileWith('u.csv', ['id,email,password,provider,provider_id', ...rows, ''].join('\n'))

describe('a column with the provider and one with the subject', () => {
  test('come in as a login, with the times of the account', async () => {
    const file = fileWith(
      'u.ndjson',
      JSON.stringify({
        ...{ id: '1', email: 'ada@example.com', password: null },
        ...{ provider: 'google', provider_id: '108204268033311374519' },
        ...{ created_at: '2024-01-02T03:04:05Z', last_login: '2024-02-03T04:05:06Z' },
      }),
    )
    const { auth, report } = await taken(file)

    expect(report).toMatchObject({ imported: 1, identities: 1, without_password: 1, unlinked: 0 })
    expect(await auth.store.identities.find('google', '108204268033311374519')).toEqual({
      id: expect.any(String),
      userId: '1',
      provider: 'google',
      subject: '108204268033311374519',
      ...{ email: null, firstName: null, lastName: null, picture: null, sealedTokens: null },
      createdAt: new Date('2024-01-02T03:04:05Z'),
      lastUsedAt: new Date('2024-02-03T04:05:06Z'),
    } satisfies Identity)
  })

  test('under other names, by --map', async () => {
    const file = fileWith(
      'u.csv',
      'id,email,password,via,their_id\n1,a@b.de,,GitHub,583231\n2,c@d.de,,windowslive,x-1\n',
    )
    const choices = new Map([
      ['via', 'provider' as const],
      ['their_id', 'subject' as const],
    ])
    const { auth, report } = await taken(file, { choices })

    expect(report).toMatchObject({ imported: 2, identities: 2 })
    expect(await linksOf(auth, '1')).toEqual(['github 583231'])
    expect(await linksOf(auth, '2')).toEqual(['microsoft x-1'])
  })

  test.each(['', 'local', 'Email', 'credentials'])(
    'the place itself is no provider: %j',
    async (provider) => {
      const { auth, report } = await taken(csv(`1,a@b.de,${bcrypt},${provider},1`))

      expect(report).toMatchObject({ imported: 1, identities: 0, unlinked: 0 })
      expect(await linksOf(auth, '1')).toEqual([])
    },
  )

  test('a provider of somebody unknown is counted, and the account comes in', async () => {
    const { report } = await taken(csv('1,a@b.de,,google,'))

    expect(report).toMatchObject({ imported: 1, identities: 0, unlinked: 1 })
  })

  test.each([
    ['invalid_provider', '1,a@b.de,,my provider!,1'],
    ['invalid_identities', `1,a@b.de,,google,${'9'.repeat(256)}`],
    ['invalid_identities', '1,a@b.de,,google,１２３'],
  ])('%s: the row stays out', async (reason, row) => {
    const { refused } = await taken(csv(row))

    expect(refused).toEqual([{ row: 1, id: '1', reason }])
  })

  test('a number that lost digits on its way is nobody’s subject', async () => {
    const row = { id: '1', email: 'a@b.de', password: null, provider: 'google' }
    const text = JSON.stringify(row).replace('}', ',"provider_id":108204268033311374519}')
    const { refused } = await taken(fileWith('u.ndjson', text))

    expect(refused.map(({ reason }) => reason)).toEqual(['invalid_identities'])
  })
})

describe('a list of logins', () => {
  test.each([
    [
      'ours',
      [
        { provider: 'google', subject: '1' },
        { provider: 'my_corp', subject: 'b|2' },
      ],
    ],
    [
      'of Auth0',
      [
        { provider: 'google-oauth2', user_id: '1' },
        { provider: 'my_corp', user_id: 'b|2' },
      ],
    ],
    [
      'of Firebase',
      [
        { providerId: 'google.com', rawId: '1' },
        { providerId: 'my_corp', rawId: 'b|2' },
      ],
    ],
    [
      'with one twice, and its own',
      [
        { provider: 'google', subject: '1' },
        { provider: 'google', subject: '1' },
        { provider: 'auth0', user_id: 'x' },
        { provider: 'my-corp', subject: 'b|2' },
      ],
    ],
  ])('%s', async (_, identities) => {
    const row = { id: '1', email: 'a@b.de', password: bcrypt, identities }
    const lists = [
      fileWith('u.json', JSON.stringify([row])),
      fileWith('u.ndjson', JSON.stringify(row)),
      fileWith(
        'u.csv',
        `id,email,password,identities\n1,a@b.de,${bcrypt},"${JSON.stringify(identities).replaceAll('"', '""')}"\n`,
      ),
    ]
    for (const file of lists) {
      const { auth, report } = await taken(file)

      expect(report).toMatchObject({ imported: 1, identities: 2 })
      expect(await linksOf(auth, '1')).toEqual(['google 1', 'my-corp b|2'])
    }
  })

  test.each(['{"provider":"google"}', 'no list', JSON.stringify(Array(51).fill({}))])(
    'that cannot be read: the row stays out: %s',
    async (identities) => {
      const row = { id: '1', email: 'a@b.de', password: bcrypt, identities }
      const { refused } = await taken(fileWith('u.ndjson', JSON.stringify(row)))

      expect(refused).toEqual([{ row: 1, id: '1', reason: 'invalid_identities' }])
    },
  )
})

describe('a login that another account has', () => {
  const rows = ['1,a@b.de,,google,77', '2,c@d.de,,google,77', '3,e@f.de,,google,78']

  test.each([true, false])('stays with it, and is named; dry run: %s', async (isDryRun) => {
    const { auth, report } = await taken(csv(...rows), { isDryRun })

    expect(report).toMatchObject({
      imported: 3,
      identities: 2,
      identities_taken: { count: 1, rows: ['2 (id 2)'] },
      refused: 0,
    })
    const linked = await Promise.all(['1', '2', '3'].map((id) => linksOf(auth, id)))
    expect(linked).toEqual(isDryRun ? [[], [], []] : [['google 77'], [], ['google 78']])
  })

  test('also in another run', async () => {
    const { auth } = await taken(csv('1,a@b.de,,google,77'))
    for (const isDryRun of [true, false]) {
      const { report } = await taken(csv('9,z@z.de,,google,77'), { auth, isDryRun })
      expect(report).toMatchObject({ imported: 1, identities: 0, identities_taken: { count: 1 } })
    }
  })
})

test('the same rows once more change nothing, also where a login was unlinked since', async () => {
  const file = csv('1,a@b.de,,google,1', '2,c@d.de,,github,2')
  const { auth } = await taken(file)
  await auth.store.identities.removeAll('2')
  const { report } = await taken(file, { auth })

  expect(report).toMatchObject({
    imported: 0,
    already_there: 2,
    identities: 0,
    identities_taken: { count: 0 },
  })
  expect([await linksOf(auth, '1'), await linksOf(auth, '2')]).toEqual([['google 1'], []])
})

test('latchkey export writes logins, import reads them, and a second export is the same', async () => {
  const [here, there] = [newFolder(), newFolder()]
  const first = {
    ...{ id: 'a', email: 'ada@example.com', username: null, first_name: 'Ada', last_name: null },
    ...{ email_verified: true, is_active: true, roles: [], password_hash: bcrypt },
    ...{ created_at: '2024-01-02T03:04:05.678Z', updated_at: '2024-01-02T03:04:05.678Z' },
    last_login_at: null,
    identities: [
      {
        ...{ provider: 'google', subject: '108204268033311374519', email: 'ada@gmail.com' },
        ...{ first_name: 'Ada', last_name: 'Lovelace', picture: 'https://example.com/ada.png' },
        ...{ created_at: '2024-03-04T05:06:07.891Z', last_used_at: '2024-04-05T06:07:08.912Z' },
      },
      {
        ...{ provider: 'my-corp', subject: 'greetings/1 |x', email: null, first_name: null },
        ...{ last_name: null, picture: null },
        ...{ created_at: '2024-05-04T05:06:07.891Z', last_used_at: '2024-06-05T06:07:08.912Z' },
      },
    ],
  }
  const text = `${JSON.stringify(first)}\n`
  writeFileSync(join(here, 'in.ndjson'), text)
  const words = ['import', '--yes', '--from']
  const told = await run(here, [...words, 'in.ndjson'])
  await run(here, ['export', '--out', join(there, 'out.ndjson')])
  const again = await runJson(there, [...words, 'out.ndjson'])
  const exported = await run(there, ['export'])

  expect(told.stdout).toContain('2 logins at providers came in with them')
  expect(told.stdout).toMatch(/identities +from identities/)
  expect(readFileSync(join(there, 'out.ndjson'), 'utf8')).toBe(text)
  expect(again.json.report).toMatchObject({ imported: 1, identities: 2 })
  expect(exported.stdout).toBe(text)
})

test('accounts and their logins come in together or not at all, batch by batch', async () => {
  const people = Array.from({ length: 9000 }, (_, index) =>
    JSON.stringify({
      ...{ id: `p${index}`, email: `p${index}@example.com`, password: null },
      ...{ provider: 'github', provider_id: index + 1 },
    }),
  )
  const folder = newFolder()
  writeFileSync(join(folder, 'u.ndjson'), people.join('\n'))
  const { json } = await runJson(folder, ['import', '--from', 'u.ndjson', '--yes'])
  const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
  const last = await store.identities.find('github', '9000')
  await store.close()

  expect(json.report).toMatchObject({ imported: 9000, identities: 9000 })
  expect(last?.userId).toBe('p8999')
})
