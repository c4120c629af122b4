import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSharedLines } from './shared-lines.js'

const kinds = ['a', 'b', 'c'] as const
const linesOf = (most: number) =>
  createSharedLines({ kinds, name: 'passwords', option: 'passwords.queue', most })

/** How many of so many who come are let in. */
const come = (line: { enter(): boolean }, count: number): number =>
  Array.from({ length: count }, () => line.enter()).filter(Boolean).length

describe('lines that share a bound', () => {
  test('are told apart by their names', () => {
    const { a, c } = linesOf(6)

    expect(a).toMatchObject({ name: 'passwords_a', option: 'passwords.queue', most: 6 })
    expect(c.name).toBe('passwords_c')
  })

  test('leave all of it to a kind that waits alone', () => {
    expect(come(linesOf(6).a, 10)).toBe(6)
  })

  test('give the same share to each kind that waits, and send nobody out of the line', () => {
    const { a, b, c } = linesOf(6)
    come(a, 6)

    expect(come(b, 10)).toBe(3)
    expect(come(c, 10)).toBe(2)
    expect([a, b, c].map((line) => line.waiting())).toEqual([6, 3, 2])
    expect([a, b, c].map((line) => line.sentAway())).toEqual([0, 7, 8])
  })

  test('have a place for every kind, unless there is none at all', () => {
    const { a, b, c } = linesOf(1)
    expect([a, b, c].map((line) => come(line, 3))).toEqual([1, 1, 1])
    expect(come(linesOf(0).a, 3)).toBe(0)
  })

  test('take nobody in above the share, and refuse nobody below it, whatever has come before', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), {
      maxLength: 200,
      size: 'max',
    })
    fc.assert(
      fc.property(steps, fc.nat(12), (all, most) => {
        const lines = linesOf(most)
        for (const [kind, comes] of all) {
          const line = lines[kind]
          const before = line.waiting()
          const others = kinds.filter(
            (other) => other !== kind && lines[other].waiting() > 0,
          ).length
          if (comes) expect(line.enter()).toBe(before < most / (others + 1))
          else if (before > 0) line.leave()
        }
      }),
      { numRuns: 50 },
    )
  })
})
