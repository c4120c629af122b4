import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSharedLines } from '../../lib/shared-lines.js'
import { createSharedGate } from './shared-gate.js'

const kinds = ['login', 'change', 'registration', 'recovery'] as const
type Kind = (typeof kinds)[number]

/** Somebody who was let in: how many of the own kind stood before them, and who was served while they waited. */
type Guest = { kind: Kind; before: number; served: Kind[]; isServed: boolean; leave(): void }

const atOnce = 3
const settled = () => new Promise((resolve) => setImmediate(resolve))

const open = (most: number) => {
  const lines = createSharedLines({ kinds, name: 'passwords', option: 'a', most })
  const gate = createSharedGate({ running: atOnce, kinds, lines })
  const guests: Guest[] = []
  const waiting = () => guests.filter(({ isServed }) => !isServed)
  const inside: Guest[] = []

  /** Whether they were let in. */
  const come = async (kind: Kind): Promise<boolean> => {
    const before = waiting().filter((guest) => guest.kind === kind).length
    const guest: Guest = { kind, before, served: [], isServed: false, leave: () => {} }
    guests.push(guest)
    const passing = gate.pass(kind, () => {
      guest.isServed = true
      for (const other of waiting()) other.served.push(kind)
      inside.push(guest)
      return new Promise<void>((resolve) => {
        guest.leave = resolve
      })
    })
    const outcome = await Promise.race([passing.catch(() => 'away'), settled()])
    if (outcome === 'away') guests.splice(guests.indexOf(guest), 1)
    return outcome !== 'away'
  }

  const leave = async (which: number): Promise<void> => {
    const [guest] = inside.splice(which % Math.max(1, inside.length), 1)
    guest?.leave()
    await settled()
  }
  return { gate, guests, waiting, inside, come, leave }
}

const arrival = fc.record({
  // logins come in floods
  kind: fc.oneof({ weight: 4, arbitrary: fc.constant<Kind>('login') }, fc.constantFrom(...kinds)),
  leaving: fc.option(fc.nat(atOnce - 1), { nil: undefined, freq: 2 }),
})
const visits = fc.array(arrival, { maxLength: 120, size: 'max' })

test('no kind is starved, whoever comes: places are used, turns go round, and a share is kept for each', () =>
  fc.assert(
    fc.asyncProperty(visits, fc.nat(12), async (arrivals, most) => {
      const { gate, guests, waiting, inside, come, leave } = open(most)
      for (const { kind, leaving } of arrivals) {
        const ahead = waiting().filter((guest) => guest.kind === kind).length
        const isFull = inside.length === atOnce
        const isIn = await come(kind)
        if (!isFull || ahead < Math.floor(most / kinds.length)) expect(isIn).toBe(true)
        if (leaving !== undefined) await leave(leaving)

        expect(inside.length).toBeLessThanOrEqual(atOnce)
        if (waiting().length > 0) expect(inside).toHaveLength(atOnce)
        expect(gate.load()).toMatchObject({ running: inside.length, waiting: waiting().length })
      }
      while (inside.length > 0) await leave(0)

      for (const { kind, before, served, isServed } of guests) {
        expect(isServed).toBe(true)
        expect(served.filter((other) => other === kind)).toHaveLength(before)
        for (const other of kinds.filter((one) => one !== kind)) {
          expect(served.filter((one) => one === other).length).toBeLessThanOrEqual(before + 1)
        }
      }
    }),
    { numRuns: 30 },
  ))
