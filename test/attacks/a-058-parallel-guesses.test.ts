import { afterAll, expect, test } from 'vitest'
import { type Answer, startTarget } from './target.js'

/** guesses that arrive together are counted one after the other, and before any of them is looked at. */
const target = await startTarget({ locks: { afterFailures: 10, duration: '15m' } })
afterAll(() => target.close())

const login = (password: string): Promise<Answer> =>
  target.ask('POST', '/auth/login', { body: { ...target.ada, password } })

test('A-058 of 200 wrong guesses at once ten are looked at; the right one is refused until the lock ends', async () => {
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => login(`guess number ${index}`)),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(190)
  expect(target.events.filter(({ type }) => type === 'login.failed')).toHaveLength(10)
  expect(target.events.filter(({ type }) => type === 'login.locked')).toHaveLength(1)

  const right = await login(target.ada.password)
  expect([right.status, right.json.code]).toEqual([429, 'too_many_attempts'])
  expect(right.headers['retry-after']).toBe('900')
  expect(right.headers['set-cookie']).toBeUndefined()

  target.clock.advance('15m')
  expect((await login(target.ada.password)).status).toBe(200)
})
