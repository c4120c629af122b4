import { describe, expect, test } from 'vitest'
import { createId, formatUuid, parseUuid } from './id.js'

const now = new Date('2026-01-01T00:00:00.123Z')

describe('an id', () => {
  test('is a UUIDv7: 48 bits of milliseconds, version 7, variant 10 (RFC 9562 §5.7)', () => {
    const bytes = parseUuid(createId(now))

    expect(bytes?.readUIntBE(0, 6)).toBe(now.getTime())
    expect((bytes?.readUInt8(6) ?? 0) >> 4).toBe(7)
    expect((bytes?.readUInt8(8) ?? 0) >> 6).toBe(0b10)
  })

  test('sorts by the millisecond it was made in', () => {
    const ids = Array.from({ length: 1000 }, (_, step) => createId(new Date(now.getTime() + step)))

    expect(ids.toSorted()).toEqual(ids)
  })

  test('is not made twice, nor predictable from the one before, within one millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => createId(now))

    expect(new Set(ids).size).toBe(10_000)
    expect(new Set(ids.map((id) => id.slice(-12))).size).toBe(10_000)
  })

  test('becomes sixteen bytes and the same text again', () => {
    const id = createId(now)

    expect(formatUuid(parseUuid(id) ?? Buffer.alloc(0))).toBe(id)
  })

  test.each([
    '',
    'x',
    createId(now).toUpperCase(),
    createId(now).replaceAll('-', ''),
    `${createId(now)} `,
    `{${createId(now)}}`,
    `${createId(now)}\n`,
  ])('in another spelling is none: %j', (text) => {
    expect(parseUuid(text)).toBeUndefined()
  })
})
