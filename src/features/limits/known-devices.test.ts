import { describe, expect, test } from 'vitest'
import { createKnownDevices } from './known-devices.js'

const secret = 'f1c64b1e5a0f4c2b9d7e83a2b6c90d417e5f28ab'
const older = 'c0ffee7b1d9e4a52b83f6e01d4a7c9582b6e3f10'
const [ada, bob] = ['user-ada', 'user-bob']

describe('a known device', () => {
  const devices = createKnownDevices([secret])

  test('knows whom it has signed in, and nobody else', () => {
    const token = devices.remember(undefined, ada)

    expect(devices.knows(token, ada)).toBe(devices.read(token)?.deviceId)
    expect(devices.knows(token, bob)).toBeUndefined()
    expect(devices.knows(undefined, ada)).toBeUndefined()
  })

  test('stays the same device for everybody who signs in on it', () => {
    const first = devices.remember(undefined, ada)
    const second = devices.remember(first, bob)

    expect(devices.read(second)).toEqual(devices.read(first))
    expect(devices.knows(second, ada)).toBeDefined()
    expect(devices.knows(second, bob)).toBeDefined()
    expect(devices.remember(second, bob)).toBe(second)
  })

  test('remembers the four who came last', () => {
    const users = [ada, bob, 'user-3', 'user-4']
    const full = users.reduce<string | undefined>(devices.remember, undefined)
    const back = devices.remember(full, ada)
    const after = devices.remember(back, 'user-5')

    expect(users.filter((user) => devices.knows(full, user))).toEqual(users)
    expect(users.filter((user) => devices.knows(after, user))).toEqual([ada, 'user-3', 'user-4'])
  })

  test('is 128 random bits of its own, in a short text that a cookie can hold', () => {
    const tokens = Array.from({ length: 100 }, () =>
      ['1', '2', '3', '4', '5'].reduce<string | undefined>(devices.remember, undefined),
    )

    expect(new Set(tokens.map((token) => devices.read(token)?.deviceId)).size).toBe(100)
    for (const token of tokens) {
      expect(token).toMatch(/^[\w.~-]{1,300}$/)
      expect(Buffer.from(devices.read(token)?.deviceId ?? '', 'base64url')).toHaveLength(16)
    }
  })

  test('two devices of one user have nothing in common', () => {
    const [one, two] = [devices.remember(undefined, ada), devices.remember(undefined, ada)]
    const [, device, tags] = two.split('.')

    expect(one).not.toContain(device)
    expect(one).not.toContain(tags)
  })

  test('that was changed in any place, or made elsewhere, is none', () => {
    const token = devices.remember(devices.remember(undefined, ada), bob)
    const changed = [...token].map(
      (sign, at) => `${token.slice(0, at)}${sign === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`,
    )
    const [key, device, tags = '', signature] = token.split('.')
    const foreign = createKnownDevices([older]).remember(undefined, ada)
    const cut = [key, device, tags.slice(0, 12), signature].join('.')

    for (const text of [...changed, foreign, cut, '', `${token}.`, `${token}=`, ` ${token}`]) {
      expect(devices.read(text)).toBeUndefined()
      expect(devices.knows(text, ada)).toBeUndefined()
      expect(devices.read(devices.remember(text, ada))).not.toEqual(devices.read(token))
    }
  })

  test('is known under a secret of before, and from then on under the present one', () => {
    const before = createKnownDevices([older]).remember(
      createKnownDevices([older]).remember(undefined, ada),
      bob,
    )
    const rotated = createKnownDevices([secret, older])
    const after = rotated.remember(before, bob)

    expect(rotated.knows(before, ada)).toBeDefined()
    expect(rotated.read(after)).toEqual(rotated.read(before))
    expect(rotated.knows(after, ada)).toBeDefined()
    expect(devices.knows(after, bob)).toBeDefined()
    expect(devices.knows(before, bob)).toBeUndefined()
  })
})
