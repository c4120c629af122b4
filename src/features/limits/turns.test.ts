import { expect, test } from 'vitest'
import { createTurns } from './turns.js'

/** Somebody who counts down to zero, and is refused from there on. */
const make = (places: number) => {
  const turns = createTurns<number>((result) => result < 0)
  let left = places
  let [asked, atOnce, most] = [0, 0, 0]
  const ask = async (): Promise<number> => {
    asked += 1
    atOnce += 1
    most = Math.max(most, atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce -= 1
    left -= 1
    return left
  }
  return { turns, ask, asked: () => asked, most: () => most }
}

test('those who ask for the same go one after the other; a refusal answers for all who wait', async () => {
  const { turns, ask, asked, most } = make(3)
  const answers = await Promise.all(Array.from({ length: 50 }, () => turns.take('ada', ask)))

  expect(answers).toEqual([2, 1, 0, ...Array(47).fill(-1)])
  expect([asked(), most(), turns.size()]).toEqual([4, 1, 0])
  expect(await turns.take('ada', ask)).toBe(-2) // who comes later asks again
})

test('those who ask for different things do not wait for each other', async () => {
  const { turns, ask, most } = make(9)
  await Promise.all(['ada', 'bob', 'cid'].map((key) => turns.take(key, ask)))

  expect(most()).toBe(3)
})

test('a store that is away answers for all who wait, and is asked again by the next', async () => {
  const { turns, ask } = make(3)
  let asked = 0
  const fail = async () => {
    asked += 1
    throw new Error('away')
  }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => turns.take('ada', fail)),
  )

  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(asked).toBe(1)
  expect(await turns.take('ada', ask)).toBe(2)
})
