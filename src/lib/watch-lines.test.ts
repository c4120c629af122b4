import { expect, test } from 'vitest'
import { addSeconds } from './clock.js'
import { silentLog } from './log.js'
import { createWaitingLine } from './waiting-line.js'
import { watchLines } from './watch-lines.js'

test('a full line is told of at once, then every ten seconds, with how many were sent away', () => {
  let now = new Date(0)
  const told: unknown[] = []
  const log = { ...silentLog, warn: (fields: unknown) => told.push(fields) }
  const line = createWaitingLine({ name: 'passwords', option: 'passwords.queue', most: 1 })
  watchLines([line], { log, clock: () => now })

  for (const seconds of [0, 0, 1, 9.9, 10, 25]) {
    now = addSeconds(new Date(0), seconds)
    line.enter()
  }

  expect(told).toEqual([
    { line: 'passwords', most: 1, turned_away: 1 },
    { line: 'passwords', most: 1, turned_away: 3 },
    { line: 'passwords', most: 1, turned_away: 1 },
  ])
})
