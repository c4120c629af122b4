import { describe, expect, test } from 'vitest'
import { createAttemptKeys, kindOf } from './attempt-keys.js'

const secret = 'a root secret that is long enough for a test'
const keys = createAttemptKeys(secret)
const ada = { userId: '01890a5d-0000-7000-8000-000000000001' }

const keysOf = (...given: Parameters<typeof keys.ofStranger>): string[] =>
  keys.ofStranger(...given).map(({ key }) => key)

describe('what tries are counted by', () => {
  test('the account with the address, the account, and the address, each of its kind', () => {
    const chosen = keys.ofStranger(ada, '192.0.2.1')

    expect(chosen).toMatchObject([
      { kind: 'pair', subjectId: ada.userId, address: '192.0.2.1' },
      { kind: 'account', subjectId: ada.userId, address: null },
      { kind: 'address', subjectId: null, address: '192.0.2.1' },
    ])
    for (const { kind, key } of chosen) {
      expect(kindOf(key)).toBe(kind)
      expect(key.length).toBeLessThanOrEqual(64)
      expect(key).not.toContain(ada.userId)
    }
    expect(keys.ofAddress('192.0.2.1')).toBe(chosen[2]?.key)
  })

  test('A-062: all addresses of one IPv6 network, and all spellings of one address, are one', () => {
    const network = keysOf(ada, '2001:db8::1')
    expect(keysOf(ada, '2001:DB8:0:0:ffff::9')).toEqual(network)
    expect(keysOf(ada, '2001:db8:0:1::1')).not.toEqual(network)
    expect(keysOf(ada, '::ffff:192.0.2.1')).toEqual(keysOf(ada, '192.0.2.1'))
    expect(keysOf(ada, undefined)).toEqual(keysOf(ada, 'nonsense'))
  })

  test('a device of one account is another device for another account', () => {
    const [one] = keys.ofDevice(ada.userId, 'device')
    const [other] = keys.ofDevice('somebody else', 'device')

    expect(one?.kind).toBe('device')
    expect(one?.key).not.toBe(other?.key)
  })

  test('another secret makes other keys: nobody can tell whose they are', () => {
    const others = createAttemptKeys(`${secret}!`).ofStranger(ada, '192.0.2.1')

    for (const [index, key] of keysOf(ada, '192.0.2.1').entries())
      expect(others[index]?.key).not.toBe(key)
  })

  test('R-15: names and addresses that are made up share a bounded number of keys', () => {
    const most = { pair: 65_536, account: 65_536, address: 131_072, device: 0 }
    for (let index = 0; index < 20_000; index += 1) {
      const address = `2001:db8:0:${index.toString(16)}::1`
      for (const { kind, key, subjectId } of keys.ofStranger({ name: `n${index}` }, address)) {
        const bucket = Number(/^\w+\.bucket-(\d+)$/.exec(key)?.[1])
        if (subjectId !== null || !(bucket < most[kind])) expect.fail(`${key} is not bounded`)
      }
    }
  })
})
