import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { AuthError } from '../../src/errors.js'
import { silentLog } from '../../src/lib/log.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import type { Store } from '../../src/stores/store.js'
import { createTestClock } from '../../src/testing/clock.js'

const ada = { email: 'ada@example.com', password: 'a long and winding road' }
const [devices, queue] = [24, 5]

test('a crowd that finds the database busy: who is answered has what was answered, who is not loses nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-queue-'))
  const said: object[] = []
  const log = { ...silentLog, warn: (fields: object) => said.push(fields) }
  const store = sqlStore(`sqlite:${join(folder, 'a.db')}`, { queue })
  const clock = createTestClock()
  const auth = createAuth({ store, log, clock })
  onTestFinished(async () => {
    await auth.close()
    rmSync(folder, { recursive: true })
  })
  await auth.users.create(ada, { actor: 'test' })
  const tokens: string[] = []
  for (let count = 0; count < devices; count += 1)
    tokens.push((await auth.login(ada, {})).refreshToken)
  await untilCheckpoint(store) // none is written in the midst of the crowd, where it would take a place
  said.splice(0)

  const refresh = (token: string) =>
    auth.refresh(token, {}).then(
      ({ refreshToken }) => refreshToken,
      (error: unknown) => error,
    )
  const outcomes = await Promise.all(tokens.map(refresh))
  const refused = outcomes.filter((outcome) => typeof outcome !== 'string')
  expect(refused).toHaveLength(devices - queue)
  for (const refusal of refused)
    expect(refusal).toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: 1 })
  expect(said).toEqual([{ line: 'sqlite', most: queue, turned_away: 1 }])

  // beyond the grace: what was answered is the successor that counts, and what was refused was not spent
  clock.advance('1m')
  for (const [index, outcome] of outcomes.entries())
    expect(
      typeof (await refresh(typeof outcome === 'string' ? outcome : (tokens[index] ?? ''))),
    ).toBe('string')
  expect(refused.every((error) => error instanceof AuthError)).toBe(true)
})

/** A second after the last event the trail's checkpoint is written, and none is due before there is something new. */
const untilCheckpoint = async (store: Store): Promise<void> => {
  await setTimeout(1200)
  await store.transaction(async () => {}) // behind it
}
