import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ask } from '../../faults/places.js'
import { skewed } from '../../faults/skew.js'
import { newFolder, run, type Variables } from '../command.js'
import { examine, otherSecret, secret } from './examine.js'

/** One thing that is broken on purpose, and what doctor must say: the check, how bad it is, and the exact remedy. */
type Broken = {
  variables?: Variables
  /** Makes the installation, sound but for the one thing. */
  make?(folder: string): Promise<void> | void
  check: string
  status: 'warning' | 'problem'
  remedy: RegExp
}

const production = {
  ENVIRONMENT: 'production',
  BASE_URL: 'https://id.example.com',
  LATCHKEY_SECRET: secret,
  TRUSTED_PROXIES: '10.0.0.5',
}
const installed = async (folder: string): Promise<void> => {
  await run(folder, ['keys', 'list'])
}
const opened =
  (file: string) =>
  async (folder: string): Promise<void> => {
    await installed(folder)
    chmodSync(join(folder, file), 0o644)
  }
const inDatabase =
  (sql: string) =>
  async (folder: string): Promise<void> => {
    await installed(folder)
    await ask('sqlite', `sqlite:${join(folder, 'data/latchkey.db')}`, sql)
  }

const broken: Readonly<Record<string, Broken>> = {
  'a secret from an example': {
    variables: { LATCHKEY_SECRET: 'change-me-please-change-me-please-now' },
    ...{ check: 'settings', status: 'problem', remedy: /^Mend LATCHKEY_SECRET/ },
  },
  'one secret for two purposes': {
    variables: { LATCHKEY_SECRET: secret, JWT_REFRESH_SECRET_KEY: secret },
    ...{ check: 'settings', status: 'problem', remedy: /^Mend JWT_REFRESH_SECRET_KEY/ },
  },
  'a misspelt setting': {
    variables: { LOCK_MINUTE: '30' },
    ...{ check: 'settings', status: 'problem', remedy: /^Mend LOCK_MINUTE;/ },
  },
  'an issuer without TLS in production': {
    variables: { ...production, JWT_ISSUER: 'http://id.example.com' },
    ...{ check: 'settings', status: 'problem', remedy: /^Mend JWT_ISSUER/ },
  },
  'lists that shut everybody out': {
    variables: { ALLOWED_ADDRESSES: '10.1.0.0/16', DENIED_ADDRESSES: '10.0.0.0/8' },
    ...{ check: 'settings', status: 'problem', remedy: /^Mend DENIED_ADDRESSES/ },
  },
  'a limit that is off': {
    variables: { RATE_LIMIT_LOGIN: '0' },
    ...{ check: 'limits', status: 'warning', remedy: /^Remove RATE_LIMIT_LOGIN/ },
  },
  'a lock that comes too late': {
    variables: { LOCK_AFTER_FAILURES: '5000' },
    ...{ check: 'limits', status: 'warning', remedy: /^Set LOCK_AFTER_FAILURES to 100/ },
  },
  'a try-it page in production': {
    variables: { ...production, DOCS: 'true' },
    ...{ check: 'pages', status: 'warning', remedy: /^Remove it/ },
  },
  'a production behind a proxy that nobody named': {
    variables: { ...production, TRUSTED_PROXIES: '' },
    ...{ check: 'proxy', status: 'warning', remedy: /TRUSTED_PROXIES=127\.0\.0\.1/ },
  },
  'an origin that only looks like ours': {
    variables: { ...production, ALLOWED_ORIGINS: 'https://id.example.com.evil.com' },
    ...{ check: 'cors', status: 'warning', remedy: /^Remove it from ALLOWED_ORIGINS/ },
  },
  'a database password of every example': {
    variables: { ...production, DATABASE_URL: 'postgres://ada:postgres@127.0.0.1:9/latchkey' },
    ...{ check: 'secrets', status: 'warning', remedy: /set DATABASE_URL to match/ },
  },
  'a database server that is not there': {
    variables: { DATABASE_URL: 'postgres://ada:k3Jf9x2mQ7@127.0.0.1:9/latchkey' },
    ...{ check: 'store', status: 'problem', remedy: /^Start it, or correct DATABASE_URL/ },
  },
  'a file that is no database': {
    make: (folder) => {
      mkdirSync(join(folder, 'data'))
      writeFileSync(join(folder, 'data/latchkey.db'), 'no database, only a text '.repeat(99))
    },
    ...{ check: 'store', status: 'problem', remedy: /DATABASE_URL/ },
  },
  'settings with a secret that others may read': {
    make: (folder) => {
      writeFileSync(join(folder, '.env'), `JWT_REFRESH_SECRET_KEY=${secret}\n`, { mode: 0o644 })
    },
    ...{ check: 'settings file', status: 'warning', remedy: /^chmod 600 \.env$/ },
  },
  'a secret file that others may read': {
    make: (folder) => writeFileSync(join(folder, 'jwt'), `${secret}\n`, { mode: 0o644 }),
    variables: { JWT_SECRET_KEY_FILE: 'jwt' },
    ...{ check: 'secret files', status: 'warning', remedy: /^chmod 600 jwt$/ },
  },
  'a root secret that others may read': {
    make: opened('data/latchkey.key'),
    ...{ check: 'root secret', status: 'warning', remedy: /^chmod 600 \.\/data\/latchkey\.key$/ },
  },
  'a database that others may read': {
    make: opened('data/latchkey.db'),
    ...{ check: 'database file', status: 'warning', remedy: /^chmod 600 \.\/data\/latchkey\.db$/ },
  },
  'a root secret that is lost': {
    make: async (folder) => {
      await installed(folder)
      rmSync(join(folder, 'data/latchkey.key'))
    },
    ...{ check: 'root secret', status: 'problem', remedy: /^Bring .*latchkey\.key back/ },
  },
  'another root secret than that of the keys': {
    make: installed,
    variables: { LATCHKEY_SECRET: otherSecret },
    ...{ check: 'signing keys', status: 'problem', remedy: /^Set LATCHKEY_SECRET .*sealed with/ },
  },
  'a signing key that should have been replaced': {
    make: async (folder) => {
      await run(folder, ['keys', 'list'], skewed(-120 * 86_400))
    },
    ...{ check: 'signing keys', status: 'warning', remedy: /^latchkey keys rotate$/ },
  },
  'a clock that went back': {
    make: async (folder) => {
      await run(folder, ['keys', 'list'], skewed(86_400))
    },
    ...{ check: 'clock', status: 'problem', remedy: /timedatectl set-ntp true/ },
  },
  'an index that is gone': {
    make: inDatabase('drop index latchkey_sessions_expiry'),
    ...{
      check: 'concerns',
      status: 'warning',
      remedy: /create index "latchkey_sessions_expiry" on "latchkey_sessions" \("expires_at"\)$/,
    },
  },
  'a database of an older version': {
    make: inDatabase('delete from latchkey_migrations where number > 2'),
    ...{ check: 'migrations', status: 'warning', remedy: /^latchkey migrate$/ },
  },
}

describe('doctor finds, and says how to mend', () => {
  test('twenty and more things, each of them once', () => {
    expect(Object.keys(broken).length).toBeGreaterThanOrEqual(20)
  })

  test.each(Object.entries(broken))('%s', async (_, { variables, make, ...expected }) => {
    const folder = newFolder()
    await make?.(folder)
    const { code, checks } = await examine(folder, variables)
    const found = checks.filter(({ name, status }) => name === expected.check && status !== 'ok')

    expect(found, JSON.stringify(checks, null, 2)).toContainEqual({
      name: expected.check,
      status: expected.status,
      detail: expect.any(String),
      remedy: expect.stringMatching(expected.remedy),
    })
    if (expected.status === 'problem') expect(code).toBe(4)
    expect(JSON.stringify(checks)).not.toContain(secret)
  })

  test('another program on the port', async () => {
    const stranger = createServer((_request, response) => response.end('hello'))
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const PORT = String(typeof address === 'object' ? address?.port : 0)
    const { problems } = await examine(newFolder(), { PORT })
    stranger.close()

    expect(problems).toEqual([
      {
        name: 'server',
        status: 'problem',
        detail: expect.stringContaining('another program'),
        remedy: expect.stringContaining('PORT'),
      },
    ])
  })
})
