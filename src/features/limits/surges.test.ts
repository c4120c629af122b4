import { describe, expect, test } from 'vitest'
import { createTestClock } from '../../testing/clock.js'
import { createSurges } from './surges.js'

const make = () => {
  const clock = createTestClock()
  return { clock, surges: createSurges({ clock }) }
}

describe('failures of names that no account has', () => {
  test('sixty in a minute are told one by one, the others together when it is over', () => {
    const { clock, surges } = make()
    const told = Array.from({ length: 90 }, (_, index) => surges.note(`name ${index % 10}`, false))
    expect(told.filter(({ isTold }) => isTold)).toHaveLength(60)
    expect(told.flatMap((one) => one.surges)).toEqual([])

    clock.advance('59s')
    expect(surges.note('name', false)).toEqual({ isTold: false, surges: [] })
    clock.advance('1s')
    expect(surges.note('name', false)).toEqual({
      isTold: true,
      surges: [{ failures: 31, accounts: 11, seconds: 60 }],
    })
    clock.advance('1m')
    expect(surges.note('name', false).surges).toEqual([])
  })

  test('what is left when everything ends is told, once', () => {
    const { surges } = make()
    for (let index = 0; index < 61; index += 1) surges.note('name', false)

    expect(surges.takeUntold()).toEqual([])
    expect(surges.takeUntold({ isEnding: true })).toEqual([
      { failures: 1, accounts: 1, seconds: 60 },
    ])
    expect(surges.takeUntold({ isEnding: true })).toEqual([])
  })
})

describe('failures of accounts', () => {
  test('are all told', () => {
    const { surges } = make()

    for (let index = 0; index < 500; index += 1)
      expect(surges.note('ada', true)).toEqual({ isTold: true, surges: [] })
  })

  test('A-065: a hundred on twenty accounts in five minutes are a surge, told once', () => {
    const { clock, surges } = make()
    const spray = (count: number, accounts: number) =>
      Array.from({ length: count }, (_, index) =>
        surges.note(`account ${index % accounts}`, true),
      ).flatMap((noted) => noted.surges)

    expect(spray(300, 19)).toEqual([])
    clock.advance('5m')
    expect(spray(99, 50)).toEqual([])
    expect(spray(1, 1)).toEqual([{ failures: 100, accounts: 50, seconds: 300 }])
    expect(spray(400, 50)).toEqual([])
    clock.advance('5m')
    expect(spray(100, 20)).toEqual([{ failures: 100, accounts: 20, seconds: 300 }])
  })

  test('however many they are, no more than a thousand are kept apart', () => {
    const { surges } = make()
    for (let index = 0; index < 5000; index += 1) surges.note(`name ${index}`, false)

    expect(surges.takeUntold({ isEnding: true })).toEqual([
      { failures: 4940, accounts: 1000, seconds: 60 },
    ])
  })
})
