import { expect, test } from 'vitest'
import { AuthError } from '../../../errors.js'
import { patiently } from './patiently.js'

test('an import that finds the line full comes again when it was told to, and loses nothing', async () => {
  const answers = [
    () => Promise.reject(new AuthError('overloaded', { retryAfterSeconds: 0.01 })),
    () => Promise.reject(new AuthError('overloaded', { retryAfterSeconds: 0.01 })),
    async () => 'hashed',
  ]

  expect(await patiently(() => answers.shift()?.() ?? Promise.reject(new Error('again')))).toBe(
    'hashed',
  )
  expect(answers).toEqual([])
})

test('what else goes wrong is told at once', async () => {
  for (const error of [new AuthError('store_unavailable'), new Error('closed')]) {
    await expect(patiently(() => Promise.reject(error))).rejects.toBe(error)
  }
})
