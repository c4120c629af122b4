import { expect, test, vi } from 'vitest'
import { createWaitingLine } from './waiting-line.js'

test('a line takes as many as it may, sends the others away, and tells of each', () => {
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: 2 })
  const told = vi.fn()
  line.onFull(told)

  expect([line.enter(), line.enter(), line.enter(), line.enter()]).toEqual([
    ...[true, true, false, false],
  ])
  expect([line.waiting(), line.sentAway(), told.mock.calls.length]).toEqual([2, 2, 2])
})

test('who leaves makes room for one', () => {
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: 1 })
  line.enter()
  line.leave()

  expect([line.enter(), line.enter()]).toEqual([true, false])
})

test('where nobody may wait everybody is sent away', () => {
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: 0 })

  expect([line.enter(), line.waiting()]).toEqual([false, 0])
})
