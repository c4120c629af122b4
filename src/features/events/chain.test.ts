import { createPublicKey, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestEvent, sampleEvent, sampleRecorder } from '../../testing/samples.js'
import { macOf, type Value } from './chain.js'
import { readCheckpoint, writeCheckpoint } from './checkpoints.js'
import { createLanes, readChain } from './lanes.js'
import { createTrailKey } from './trail-key.js'

const key = createTrailKey('a secret')
const bytes = Buffer.alloc(32, 7)

describe('the hash of an event', () => {
  test('is another one whatever is changed', () => {
    const event = longestEvent()
    const mac = key.eventMac('before', event)
    const others = [
      { id: sampleEvent().id },
      { type: 'login.succeeded' as const },
      { at: new Date(event.at.getTime() + 1) },
      { outcome: 'success' as const },
      ...['actorId', 'subjectId', 'sessionId', 'address', 'userAgent', 'requestId'].flatMap(
        (member) => [{ [member]: null }, { [member]: '' }, { [member]: 'x' }],
      ),
      { details: {} },
      { details: { ...event.details, count: -1.4 } },
      { details: { ...event.details, count: '-1.5' } },
      { chain: '00112233445566ff.1' },
      { number: 2 },
    ]
    for (const part of others) expect(key.eventMac('before', { ...event, ...part })).not.toBe(mac)
    expect(key.eventMac('another', event)).not.toBe(mac)
    expect(createTrailKey('another').eventMac('before', event)).not.toBe(mac)
  })

  test('does not depend on the order in which a store gives details back', () => {
    const one = sampleEvent({ details: { a: 1, b: 'x', 10: true } })
    const other = { ...one, details: { b: 'x', 10: true, a: 1 } }

    expect(key.eventMac('', one)).toBe(key.eventMac('', other))
  })

  test('is the same for no two lists of values', () => {
    const value = fc.oneof(fc.constant(null), fc.integer(), fc.string({ unit: 'binary-ascii' }))
    const values = fc.array<Value>(value, { maxLength: 4 })
    fc.assert(
      fc.property(values, values, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(macOf(bytes, '', one) === macOf(bytes, '', other)).toBe(same)
      }),
    )
    expect(macOf(bytes, '', ['a', 'b'])).not.toBe(macOf(bytes, '', ['ab', '']))
    expect(macOf(bytes, '', ['1'])).not.toBe(macOf(bytes, '', [1]))
    expect(macOf(bytes, 'a', ['b'])).not.toBe(macOf(bytes, 'as1:b;', []))
  })
})

describe('lanes', () => {
  const recorder = { id: '00112233445566ff', mac: 'start' }

  test('a lane is used by one transaction at a time, and again after it was confirmed', () => {
    const lanes = createLanes(recorder, key)
    const [one, two] = [lanes.lease(), lanes.lease()]
    const [first, other] = [one.add(sampleEvent()), two.add(sampleEvent())]
    const second = one.add(sampleEvent())
    one.confirm()
    const third = lanes.lease().add(sampleEvent())

    expect([first, second, third].map(({ chain, number }) => `${chain} ${number}`)).toEqual([
      '00112233445566ff.0 1',
      '00112233445566ff.0 2',
      '00112233445566ff.0 3',
    ])
    expect(other).toMatchObject({ chain: '00112233445566ff.1', number: 1 })
    expect(second.mac).toBe(key.eventMac(first.mac, second))
    expect([...lanes.heads()]).toEqual([[0, { number: 2, mac: second.mac }]])
  })

  test('one that was given up keeps what was confirmed before, and is not used again', () => {
    const lanes = createLanes(recorder, key)
    const safe = lanes.lease()
    const event = safe.add(sampleEvent())
    safe.confirm()
    const lost = lanes.lease()
    lost.add(sampleEvent())
    lost.abandon()

    expect(lanes.lease().add(sampleEvent()).chain).toBe('00112233445566ff.1')
    expect([...lanes.heads()]).toEqual([[0, { number: 1, mac: event.mac }]])
  })

  test.each(['', 'a.0', '00112233445566ff', '00112233445566FF.0', '00112233445566ff.01', '\n'])(
    '%j is the name of none',
    (name) => {
      expect(readChain(name)).toBeUndefined()
    },
  )
})

describe('a checkpoint', () => {
  const heads = new Map([
    [0, { number: 3, mac: 'ab'.repeat(16) }],
    [12, { number: 1, mac: 'cd'.repeat(16) }],
  ])
  const at = new Date('2026-03-04T05:06:07.089Z')
  const checkpoint = { recorder: sampleRecorder(4), number: 7, at, heads }
  const text = writeCheckpoint(key, checkpoint)

  test('reads back as it was written, with the key that signed it', () => {
    const { id, number, mac } = checkpoint.recorder
    const keys = [createTrailKey('another'), key]

    expect(readCheckpoint(keys, text)).toEqual({
      ...checkpoint,
      recorder: { id, number, mac },
      key,
    })
  })

  test('with one sign changed is none', () => {
    for (let index = 0; index < text.length; index += 1) {
      const changed = `${text.slice(0, index)}${text[index] === '1' ? '2' : '1'}${text.slice(index + 1)}`
      expect(readCheckpoint([key], changed)).toBeUndefined()
    }
  })

  test('can be checked by whoever has the public key', () => {
    const [signed = '', signature = ''] = text.split(/\.(?=[^.]*$)/)
    const publicKey = createPublicKey(key.publicKey)

    expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'hex'))).toBe(true)
  })
})
