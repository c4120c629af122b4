import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { newFolder, run, runJson } from './command.js'

const password = 'correct horse battery'
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const variables = { LATCHKEY_SECRET: secret }

/** A place in which somebody has guessed until nothing more was answered: Ada is locked for one address, another for all. */
const lockedPlace = async () => {
  const folder = newFolder()
  await run(folder, ['migrate'], variables)
  const auth = createAuth({
    store: sqlStore(`sqlite:${folder}/data/latchkey.db`),
    secret,
    locks: { afterFailures: 3 },
  })
  const ada = await auth.users.create({ email: 'ada@example.com', password }, { actor: 'test' })
  const guess = (email: string, address: string) =>
    auth.login({ email, password: 'wrong' }, { address }).catch(() => undefined)
  for (let count = 0; count < 3; count += 1) {
    await guess('ada@example.com', '192.0.2.1')
    if (count === 1) await new Promise((resolve) => setTimeout(resolve, 1100)) // the wait behind the second
  }
  for (let index = 0; index < 15; index += 1)
    await guess(`nobody${index}@example.com`, '2001:db8::1')
  await auth.close()
  return { folder, ada }
}

const listed = async (folder: string) => {
  const { json } = await runJson(folder, ['locks', 'list'], variables)
  return json.locks.map(({ kind }: { kind: string }) => kind)
}

describe('locks', () => {
  test('list shows who waits, for what and until when; clear lets them in and is in the trail', async () => {
    const { folder, ada } = await lockedPlace()
    const { code, json } = await runJson(folder, ['locks', 'list'], variables)
    expect(code).toBe(0)
    expect(json.next).toBeNull()
    expect(json.locks).toMatchObject([
      { kind: 'address', user_id: null, email: null, address: '2001:db8:0:0::/64', failures: 15 },
      {
        kind: 'pair',
        user_id: ada.id,
        email: 'ada@example.com',
        address: '192.0.2.1',
        failures: 3,
        until: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ])

    const page = await runJson(folder, ['locks', 'list', '--limit', '1'], variables)
    expect(page.json.locks).toHaveLength(1)
    const text = await run(folder, ['locks', 'list', '--limit', '1'], variables)
    expect(text.stdout.split('\n')[0]).toMatch(/^KIND +ACCOUNT +E-MAIL +ADDRESS +FAILURES +UNTIL$/)
    expect(text.stdout).toContain(`latchkey locks list --after ${page.json.next}`)

    const cleared = await runJson(folder, ['locks', 'clear', 'ADA@example.com'], variables)
    expect([cleared.code, cleared.json]).toEqual([0, { cleared: 2 }]) // the pair and the account
    expect(await listed(folder)).toEqual(['address'])
    const network = json.locks[0].address
    expect((await run(folder, ['locks', 'clear', network], variables)).stdout).toMatch(/^✓/)
    expect(await listed(folder)).toEqual([])

    const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
    const events = await store.events.list({ limit: 100 })
    await store.close()
    expect(events.filter(({ type }) => type === 'locks.cleared')).toMatchObject([
      { actorId: 'cli', subjectId: ada.id, details: { count: 2 } },
      { actorId: 'cli', subjectId: null, details: { address: network } },
    ])
  })

  test('clear --all ends every lock', async () => {
    const { folder } = await lockedPlace()
    const { code, json } = await runJson(folder, ['locks', 'clear', '--all'], variables)

    expect([code, json]).toEqual([0, { cleared: 2 }])
    expect(await listed(folder)).toEqual([])
    expect((await run(folder, ['locks', 'list'], variables)).stdout).toBe('Nobody is locked out\n')
  })

  test('clear needs to be told what, once, and an account that exists', async () => {
    const folder = newFolder()
    const codeOf = async (...words: string[]) => {
      const { code, json } = await runJson(folder, ['locks', 'clear', ...words], variables)
      return [code, json.error?.code]
    }

    expect(await codeOf()).toEqual([2, 'wrong_arguments'])
    expect(await codeOf('ada', '--all')).toEqual([2, 'wrong_arguments'])
    expect(await codeOf('nobody')).toEqual([3, 'account_not_found'])
    expect(await codeOf('192.0.2.1')).toEqual([0, undefined])
  })
})
