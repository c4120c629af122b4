import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { newFolder, run, runJson } from './command.js'

const password = 'correct horse battery'
const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
const account = ['--password-stdin', '--email']
const create = (folder: string, email: string) =>
  runJson(folder, ['users', 'create', ...account, email], { input: `${password}\n` })

test('migrate says what ran, and then that nothing is to be done', async () => {
  const folder = newFolder()

  expect((await runJson(folder, ['migrate'])).json.applied).toContain('0001-initial')
  expect((await runJson(folder, ['migrate'])).json).toEqual({ applied: [] })
  expect((await run(folder, ['migrate'])).stdout).toMatch(/^Nothing to do/)
})

describe('users', () => {
  test('create takes names and a password from the standard input, and puts it in the trail', async () => {
    const folder = newFolder()
    const names = ['--username', 'ada', '--first-name', 'Ada', '--last-name', 'Lovelace']
    const roles = ['--role', 'admin', 'reader']
    const words = ['users', 'create', ...account, 'Ada@example.com', ...names, ...roles]
    const { code, json } = await runJson(folder, words, { input: `${password}\n` })

    expect(code).toBe(0)
    expect(json.user).toMatchObject({
      email: 'Ada@example.com',
      username: 'ada',
      first_name: 'Ada',
      last_name: 'Lovelace',
      is_active: true,
      roles: ['admin', 'reader'],
    })
    expect(json).not.toHaveProperty('password')
    const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
    const events = await store.events.list({ limit: 100 })
    await store.close()
    expect(events.find(({ type }) => type === 'account.created')).toMatchObject({ actorId: 'cli' })
  })

  test('create and reset-password make passwords that every policy takes', async () => {
    const folder = newFolder()
    const strict = { PASSWORD_POLICY: 'classic-12' }
    const words = ['users', 'create', '--generate', '--username', 'grace']
    const { json } = await runJson(folder, words, strict)
    const reset = await runJson(folder, ['users', 'reset-password', 'grace', '--generate'], strict)

    expect(json.password).toMatch(/^\w{5}(-\w{5}){3}$/)
    expect(reset.json.password).not.toBe(json.password)
    expect(reset.json.user.id).toBe(json.user.id)
  })

  test('refusals have exit code 3, wrong fields 2, for people and for programs', async () => {
    const folder = newFolder()
    await create(folder, 'ada@example.com')
    const taken = await create(folder, 'ADA@example.com')
    const nobody = await runJson(folder, ['users', 'disable', 'nobody'])
    const weak = await runJson(
      folder,
      ['users', 'reset-password', 'ada@example.com', account[0] ?? ''],
      {
        input: 'short',
      },
    )
    const text = await run(folder, ['users', 'enable', 'nobody'])

    expect([taken.code, taken.json.error.code]).toEqual([3, 'email_taken'])
    expect([nobody.code, nobody.json.error.code]).toEqual([3, 'account_not_found'])
    expect([weak.code, weak.json.error.code]).toEqual([2, 'invalid_body'])
    expect(weak.json.error.points[0].detail).toMatch(/at least 12 characters/)
    expect(text).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('users list'),
    })
  })

  test('list gives pages that together hold everybody once', async () => {
    const folder = newFolder()
    const emails = ['a@example.com', 'b@example.com', 'c@example.com']
    for (const email of emails) await create(folder, email)
    const first = await runJson(folder, ['users', 'list', '--limit', '2'])
    const second = await runJson(folder, [
      'users',
      'list',
      '--limit',
      '2',
      '--after',
      first.json.next,
    ])
    const page = await run(folder, ['users', 'list', '--limit', '2'])

    const found = [...first.json.users, ...second.json.users]
    expect(found.map(({ email }: { email: string }) => email)).toEqual(emails)
    expect(second.json.next).toBeNull()
    expect(page.stdout).toContain(`latchkey users list --after ${first.json.next}`)
    expect(page.stdout.split('\n')[0]).toMatch(/^ID +E-MAIL +USERNAME +STATE +CREATED +LAST LOGIN$/)
  })

  test('an account can be named by id, address or username', async () => {
    const folder = newFolder()
    const words = ['users', 'create', '--username', 'Ada', ...account, 'ada@example.com']
    const { json } = await runJson(folder, words, { input: password })
    for (const name of [json.user.id, 'ADA@example.com', 'ada']) {
      const disabled = await runJson(folder, ['users', 'disable', name])
      const enabled = await runJson(folder, ['users', 'enable', name])
      expect([disabled.json.user.is_active, enabled.json.user.is_active]).toEqual([false, true])
    }
  })

  test('a memory store cannot be reached from outside', async () => {
    const { code, json } = await runJson(newFolder(), ['users', 'list'], { DATABASE_URL: 'memory' })

    expect([code, json.error.code]).toEqual([2, 'memory_store'])
  })
})

describe('keys', () => {
  test('rotate publishes a key that signs later, once; --now makes one that signs at once', async () => {
    const folder = newFolder()
    const states = async () => {
      const { json } = await runJson(folder, ['keys', 'list'])
      return json.keys.map(({ state }: { state: string }) => state)
    }
    const first = await runJson(folder, ['keys', 'rotate'])
    expect(first.json.added.state).toBe('next')
    expect(await states()).toEqual(['active', 'next'])
    const again = await run(folder, ['keys', 'rotate'])
    expect(again.stdout).toMatch(/waiting already/)
    expect(await states()).toEqual(['active', 'next'])
    const now = await run(folder, ['keys', 'rotate', '--now'])
    expect(now.stdout).toMatch(/signs from now on/)
    expect(await states()).toContain('active')
    const { json } = await runJson(folder, ['keys', 'list'])
    expect(json.keys.at(-1).state).toBe('active')
  })

  test('with HS256 there are none, and none is made', async () => {
    const folder = newFolder()
    const variables = { JWT_SECRET_KEY: secret }
    const list = await runJson(folder, ['keys', 'list'], variables)
    const rotate = await runJson(folder, ['keys', 'rotate'], variables)

    expect(list).toMatchObject({ code: 0, json: { algorithm: 'HS256', keys: [] } })
    expect([rotate.code, rotate.json.error.code]).toEqual([3, 'no_keys'])
    const store = sqlStore(`sqlite:${folder}/data/latchkey.db`)
    expect(await store.keys.list()).toEqual([])
    await store.close()
  })
})

test('config check shows what counts and whence, hides secrets, and opens nothing', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'my.env'), `PORT=9001\nLATCHKEY_SECRET=${secret}\n`)
  const { code, json } = await runJson(folder, ['config', 'check', '--env-file', 'my.env'], {
    LOG_LEVEL: 'warn',
  })

  expect(code).toBe(0)
  expect(json.settings).toContainEqual({ setting: 'PORT', value: '9001', from: 'file' })
  expect(json.settings).toContainEqual({ setting: 'LOG_LEVEL', value: 'warn', from: 'environment' })
  expect(json.settings).toContainEqual({
    setting: 'LATCHKEY_SECRET',
    value: '********',
    from: 'file',
  })
  expect(JSON.stringify(json)).not.toContain(secret)
  expect(json.warnings).toEqual([])
  const loose = await runJson(folder, ['config', 'check'], { RATE_LIMIT_LOGIN: '0' })
  expect(loose.code).toBe(0)
  expect(loose.json.warnings).toEqual([
    {
      warning: 'limits_off',
      detail: expect.stringContaining('RATE_LIMIT_LOGIN=0'),
      remedy: expect.stringContaining('Remove RATE_LIMIT_LOGIN'),
    },
  ])
  expect(() => statSync(join(folder, 'data'))).toThrow()
  mkdirSync(join(folder, 'taken.db'))
  const database = { DATABASE_URL: 'sqlite:taken.db' }
  expect((await run(folder, ['config', 'check'], database)).code).toBe(0)
  expect((await run(folder, ['config', 'check', '--database'], database)).code).toBe(2)
})
