import { describe, expect, test } from 'vitest'
import { createSeal } from './seal.js'

const [first, second] = ['first secret of thirty-two bytes!', 'second secret of thirty-two bytes']
const text = 'Ünïcode 🔑 and\nlines'

describe('a seal', () => {
  test('opens what it sealed, at the place it was sealed for', () => {
    const seal = createSeal([first])

    expect(seal.open(seal.seal(text, 'here'), 'here')).toBe(text)
    expect(seal.open(seal.seal('', 'here'), 'here')).toBe('')
  })

  test('never gives the same twice, nor a trace of the text', () => {
    const seal = createSeal([first])
    const sealed = seal.seal('readable', 'here')

    expect(sealed).not.toBe(seal.seal('readable', 'here'))
    expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('readable')
  })

  test('stays shut at another place', () => {
    const seal = createSeal([first])

    expect(seal.open(seal.seal(text, 'here'), 'there')).toBeUndefined()
    expect(seal.open(seal.seal(text, 'here'), '')).toBeUndefined()
  })

  test('stays shut when any byte was changed', () => {
    const seal = createSeal([first])
    const sealed = seal.seal(text, 'here')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (const place of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place)
      expect(seal.open(`v1.${changed.toString('base64url')}`, 'here')).toBeUndefined()
    }
  })

  test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'null', 'v1.ÄÖÜ'])('stays shut for %j', (sealed) => {
    expect(createSeal([first]).open(sealed, 'here')).toBeUndefined()
  })

  test('opens with a secret of before, and seals with the present one only', () => {
    const [old, replaced, forgotten] = [
      createSeal([first]),
      createSeal([second, first]),
      createSeal([second]),
    ]
    const sealed = old.seal(text, 'here')

    expect(replaced.open(sealed, 'here')).toBe(text)
    expect(forgotten.open(sealed, 'here')).toBeUndefined()
    expect(forgotten.open(replaced.seal(text, 'here'), 'here')).toBe(text)
  })
})
