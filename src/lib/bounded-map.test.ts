import { describe, expect, test } from 'vitest'
import { createBoundedMap } from './bounded-map.js'

describe('a bounded map', () => {
  test('never holds more than its limit; the newest half is there', () => {
    const map = createBoundedMap<number>(10)
    for (let value = 0; value < 100; value += 1) {
      map.set(`${value}`, value)

      expect(map.size()).toBeLessThanOrEqual(10)
      for (let recent = Math.max(0, value - 4); recent <= value; recent += 1)
        expect(map.get(`${recent}`)).toBe(recent)
    }
    expect(map.get('89')).toBeUndefined()
  })

  test('setting again makes an entry young; reading does not', () => {
    const map = createBoundedMap<string>(4)
    for (const key of ['a', 'b', 'c', 'a']) map.set(key, key === 'a' ? 'again' : 'first')
    map.get('b')
    map.set('d', 'first')

    expect(map.get('a')).toBe('again')
    expect(map.get('b')).toBeUndefined()
    expect(map.size()).toBe(3)
  })

  test('forgets with each turn what was set before the one before', () => {
    const map = createBoundedMap<number>(10)
    map.set('first', 1)
    map.turn()
    map.set('second', 2)

    expect([map.get('first'), map.get('second')]).toEqual([1, 2])
    map.turn()
    expect([map.get('first'), map.get('second')]).toEqual([undefined, 2])
    map.turn()
    expect(map.size()).toBe(0)
  })

  test('forgets what it is told to', () => {
    const map = createBoundedMap<number>(10)
    for (const value of [1, 2, 3, 4]) map.set(`${value}`, value)
    map.delete('1')
    map.delete('nothing')
    map.deleteWhere((value) => value % 2 === 0)

    expect(map.get('3')).toBe(3)
    expect(map.size()).toBe(1)
    map.clear()
    expect(map.size()).toBe(0)
  })

  test('names of the language are names like others', () => {
    const map = createBoundedMap<number>(10)

    expect(map.get('__proto__')).toBeUndefined()
    expect(map.get('constructor')).toBeUndefined()
    map.set('__proto__', 1)
    expect(map.get('__proto__')).toBe(1)
  })
})
