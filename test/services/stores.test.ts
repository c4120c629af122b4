import { expect, test } from 'vitest'
import { describeStores } from '../../scripts/stores.mjs'

const outcome = (title: string, status: string) => ({ ancestorTitles: [title], status })
const nothing = { tests: [], versions: {}, reasons: {} }

test('a store has run when its contract has, on the server that was there', () => {
  const tests = [
    outcome('postgres: users', 'passed'),
    outcome('postgres, two instances on one database: sessions', 'passed'),
    outcome('mariadb: users', 'failed'),
    outcome('memory: users', 'passed'),
    outcome('memory, sessions in redis: sessions', 'passed'),
  ]

  const lines = describeStores({ ...nothing, tests, versions: { postgres: '15.18' } })

  expect(lines).toContain('store: postgres 15.18 (ran: 2 passed)')
  expect(lines).toContain('store: mysql (ran: 0 passed, 1 failed)')
  expect(lines).toContain('store: memory (ran: 1 passed)')
  expect(lines).toContain('store: redis (ran: 1 passed)')
  expect(lines.at(-1)).toBe('stores: 4 of 7 ran')
})

test.each([
  ['a contract that was skipped', outcome('postgres: users', 'skipped')],
  ['a test of something else', outcome('postgres of the run', 'passed')],
  ['a server that only pretends', outcome('sqlserver on a stand-in: users', 'passed')],
])('%s is no store that ran', (_, test) => {
  expect(describeStores({ ...nothing, tests: [test] }).at(-1)).toBe('stores: 0 of 7 ran')
})

test('a store that did not run says why', () => {
  const reasons = { redis: 'redis-server could not be installed' }

  const lines = describeStores({ ...nothing, reasons })

  expect(lines).toContain('store: redis (not run: redis-server could not be installed)')
  expect(lines).toContain('store: memory (not run: no test of its contract was asked for)')
  expect(lines.find((line) => line.startsWith('store: mssql'))).toMatch(/\(not run: .+\)$/)
})
