import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { createImporting } from '../../src/features/accounts/import/importing.js'
import { trusted } from '../../src/lib/trusted.js'
import { openFileSource } from '../../src/server/import/file-source.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { newFolder, run, runJson, start } from '../cli/command.js'
import { isReachable, openService, type Service } from '../services/services.js'
import { takeIn, usersOf } from './taken-in.js'

const services: Service[] = []
afterAll(async () => {
  for (const service of services) await service.stop()
})

const bcrypt = '$2b$12$abcdefghijklmnopqrstuuEyy7oSHSY7e0wRkqAGkzKkkE0uWQKLe'
const md5 = '5f4dcc3b5aa765d61d8327deb882cf99' // of "password"
const mixed = `id,email,password_hash,first_name,created_at,is_active
7,Ada@example.com,${bcrypt},"Ada, Countess",2024-01-02 03:04:05.678901,1
8,ada@EXAMPLE.com,${bcrypt},Two,,1
9,bob@example.com,${md5},Bob,1700000000,1
10,eve@example.com,hunter2,Eve,,1
11,nope,${bcrypt},N,,1
12,short
`
const folderWith = (file: string, text: string): string => {
  const folder = newFolder()
  writeFileSync(join(folder, file), text)
  return folder
}
const hashes = /hunter2|5f4dcc|\$2b\$/

describe('latchkey import', () => {
  test('without --yes shows the mapping and what would happen, and changes nothing', async () => {
    const folder = folderWith('u.csv', mixed)
    const { code, stdout, stderr } = await run(folder, ['import', '--from', 'u.csv'])

    expect(code).toBe(5)
    expect(stdout).toMatch(/password +from password_hash/)
    expect(stdout).toMatch(/6 rows: 1 would come in, 0 are there already, 5 would stay out/)
    expect(stdout).toMatch(/another case: row 2 \(id 8\)/)
    expect(stdout).toMatch(/--wrap takes it in\): md5: row 3 \(id 9\)/)
    expect(stdout).toMatch(/Nothing was changed. Add --yes to import/)
    expect(stdout + stderr).not.toMatch(hashes)
    expect(stdout).not.toMatch(/@/)
    expect((await run(folder, ['export'])).stdout).toBe('')
  })

  test('takes in all that is good, once, names all that is not, and keeps ids and times', async () => {
    const folder = folderWith('u.csv', mixed)
    const words = ['import', '--from', 'u.csv', '--yes', '--wrap', 'md5', '--report', 'out.csv']
    const first = await runJson(folder, words)
    const again = await runJson(folder, words)

    expect(first).toMatchObject({ code: 4, json: { report: { imported: 2, refused: 4 } } })
    expect(again).toMatchObject({ code: 4, json: { report: { imported: 0, already_there: 2 } } })
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(
      'row,id,reason\r\n4,"10","unknown_hash"\r\n5,"11","invalid_email"\r\n6,"","broken_row"\r\n2,"8","email_taken"\r\n',
    )
    expect(statSync(join(folder, 'out.csv')).mode & 0o777).toBe(0o600)
    const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
    const auth = createAuth({ store })
    const bobs = { email: 'bob@example.com', password: 'password' }
    expect(await auth.login(bobs, {})).toHaveProperty('accessToken')
    const events = await store.events.list({ limit: 100 })
    const users = await usersOf(auth)
    await auth.close()
    expect(users).toMatchObject([
      {
        ...{ id: '7', email: 'Ada@example.com', canonicalEmail: 'ada@example.com' },
        ...{ firstName: 'Ada, Countess', passwordHash: bcrypt, isActive: true },
        createdAt: new Date('2024-01-02T03:04:05.678Z'),
      },
      { id: '9', passwordHash: expect.stringMatching(/^\$argon2id/) }, // rewritten by the login,
    ])
    const imports = events.filter(({ type }) => type === 'accounts.imported')
    expect(imports).toMatchObject([{ actorId: 'cli', subjectId: null, details: { count: 2 } }])
    expect(JSON.stringify(events)).not.toMatch(hashes)
  })

  test('stops with the words to add where the mapping is not clear', async () => {
    const folder = folderWith('u.csv', 'id,email,password,pw_hash\n1,a@b.de,x,y\n')
    const unclear = await runJson(folder, ['import', '--from', 'u.csv'])
    const strange = await runJson(folder, ['import', '--from', 'u.csv', '--map', 'nope=email'])
    const unknown = await runJson(folder, ['import', '--from', 'u.csv', '--map', 'id=shoe'])
    const nowhere = await runJson(folder, ['import', '--from', 'nowhere.csv'])

    expect(unclear).toMatchObject({ code: 2, json: { error: { code: 'unclear_mapping' } } })
    expect(unclear.json.error.detail).toContain('--map password=password or --map pw_hash=password')
    expect(strange.json.error.detail).toContain('There are: id, email, password, pw_hash')
    expect(unknown.json.error.detail).toContain(
      'last_login_at, provider, subject, identities, ignore',
    )
    expect(nowhere).toMatchObject({ code: 2, json: { error: { code: 'wrong_source' } } })
  })

  test('goes on after it was killed in the middle: everybody comes in, nobody twice', async () => {
    const people = Array.from({ length: 20_000 }, (_, index) =>
      JSON.stringify({ id: `p${index}`, email: `p${index}@example.com`, password_hash: bcrypt }),
    )
    const folder = folderWith('u.ndjson', people.join('\n'))
    const words = ['import', '--from', 'u.ndjson', '--yes']
    await run(folder, ['migrate'])
    const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
    const child = start(folder, words)
    while ((await store.users.list({ limit: 1 })).length === 0) await wait(5)
    child.kill('SIGKILL')
    await store.close()
    const second = await runJson(folder, words)
    const { imported, already_there: present } = second.json.report

    expect(second.code).toBe(0)
    expect(present).toBeGreaterThan(0)
    expect(imported).toBeGreaterThan(0)
    expect(imported + present).toBe(20_000)
  })
})

describe('latchkey export', () => {
  test.skipIf(!isReachable('postgres'))(
    'writes everything, for the owner alone; what another store takes in is exported byte for byte the same',
    async () => {
      const folder = folderWith('u.csv', mixed)
      const service = await openService('postgres')
      services.push(service)
      const elsewhere = { DATABASE_URL: await service.fresh() }
      const words = ['--without-password', '--yes']
      await run(folder, ['import', '--from', 'u.csv', ...words])
      const first = await runJson(folder, ['export', '--out', 'first.ndjson'])
      const moved = await runJson(folder, ['import', '--from', 'first.ndjson', '--yes'], elsewhere)
      const second = await run(folder, ['export'], elsewhere)
      const text = readFileSync(join(folder, 'first.ndjson'), 'utf8')

      expect(first.json).toEqual({ accounts: 3, file: 'first.ndjson' })
      expect(statSync(join(folder, 'first.ndjson')).mode & 0o777).toBe(0o600)
      expect(moved).toMatchObject({ code: 0, json: { report: { imported: 3 } } })
      expect(text).toContain(bcrypt)
      expect(second.stdout).toBe(text)
    },
  )
})

describe('importing', () => {
  test('a dry run foretells what the import does, whoever is in whose way', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => {
      const who = index % 7 === 0 ? index - (index % 1400) : index
      const id = index % 11 === 0 ? '' : `${index % 13 === 0 ? index % 130 : index}`
      return `${id},person${who}@example.com,${bcrypt}`
    })
    const folder = folderWith('u.csv', ['id,email,password_hash', ...rows].join('\n'))
    const source = await openFileSource(join(folder, 'u.csv'))
    const auth = createAuth({ store: memoryStore() })
    const foretold = await takeIn(auth, source, { isDryRun: true })
    expect(await usersOf(auth)).toEqual([])
    const happened = await takeIn(auth, source)

    expect({ ...foretold.report, dry_run: false }).toEqual(happened.report)
    expect(happened.report.imported).toBe((await auth.store.users.list({ limit: 5000 })).length)
    expect(happened.report.refused).toBeGreaterThan(100)
    await auth.close()
  })

  test('new accounts are numbered above the highest id that came in', async () => {
    const folder = folderWith('u.csv', `id,email,password_hash\n41,a@b.de,${bcrypt}\n7,c@d.de,\n`)
    const auth = createAuth({ store: memoryStore(), accounts: { ids: 'integer' } })
    await takeIn(auth, await openFileSource(join(folder, 'u.csv')))
    const user = await auth.users.create({ email: 'e@f.de', password: 'quiet lemon orchard' }, {})

    expect(user.id).toBe('42')
    await auth.close()
  })

  test('is refused where accounts live in a place of the host’s own', async () => {
    const { addMany: _, ...users } = memoryStore().users
    const importing = createImporting(trusted({ store: { users }, settings: {} }))

    await expect(importing.add([], {})).rejects.toMatchObject({ code: 'registration_closed' })
  })
})
