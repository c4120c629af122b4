import { expect, test } from 'vitest'
import { memoryStore } from '../stores/memory/memory.js'
import { createTestAuth } from '../testing/test-auth.js'
import { toFetch } from './fetch.js'

test('a crowd that asks for health, which nobody counts, asks the store once', async () => {
  let looks = 0
  const look = async (): Promise<void> => {
    looks += 1
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const store = {
    ...memoryStore(),
    places: [{ name: 'memory', ping: look }],
    pendingMigrations: async () => {
      await look()
      return []
    },
  }
  const { auth } = await createTestAuth({ store })
  const ask = toFetch(auth)
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      ask(new Request(`http://localhost:8000/health${index % 2 === 0 ? '' : '/ready'}`)),
    ),
  )

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(looks).toBe(2)
})
