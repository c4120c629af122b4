import { expect, test } from 'vitest'
import { redisLimits, redisPorts } from './redis.js'

/** A client of the host's whose server takes its time. */
const slowClient = () => {
  const answers: (() => void)[] = []
  return {
    client: { call: () => new Promise((resolve) => answers.push(() => resolve([1, 60_000]))) },
    answerAll: () => {
      for (const answer of answers.splice(0)) answer()
    },
    asked: () => answers.length,
  }
}

test('no more commands wait for their answers than may; whoever asks besides is sent away at once', async () => {
  const { client, answerAll, asked } = slowClient()
  for (const open of [redisLimits, redisPorts]) {
    const { counters, lines: [line] = [] } = open(client, { queue: 2 })
    const hits = Array.from({ length: 5 }, (_, index) => counters.hit(`key-${index}`, 60))
    const outcomes = Promise.allSettled(hits)
    expect([asked(), line?.waiting(), line?.sentAway()]).toEqual([2, 2, 3])
    answerAll()

    expect((await outcomes).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'],
    ])
    await expect(hits[2]).rejects.toMatchObject({ code: 'overloaded' })
    expect(line?.waiting()).toBe(0)
  }
})

test('a look at the server is no request: it is taken also while the line is full', async () => {
  const { client, answerAll } = slowClient()
  const { counters, places } = redisLimits(client, { queue: 1 })
  const [hit, looked] = [counters.hit('key', 60), places[0]?.ping()]
  answerAll()

  await expect(hit).resolves.toMatchObject({ count: 1 })
  await expect(looked).resolves.toBeUndefined()
})
