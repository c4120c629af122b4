import { expect } from 'vitest'
import { type Caller, password, pause, refresh, type SignedIn, signUp } from './calls.js'
import type { Ground } from './ground.js'
import { expectSound } from './sound.js'
import { expectUnavailable } from './unavailable.js'

type Grant = Pick<SignedIn, 'accessToken'>

export const expectReading = async (caller: Caller, grant: Grant): Promise<void> => {
  for (const path of ['/auth/me', '/health/live', '/health', '/.well-known/jwks.json']) {
    const answer = await caller.call('GET', path, { token: grant.accessToken })
    expect(answer.status, path).toBe(200)
  }
}

/** What reads goes on; what writes is refused. */
export const expectOnlyReading = async (caller: Caller, grant: Grant): Promise<void> => {
  await expectReading(caller, grant)
  const body = { email: 'ada@example.com', password }
  const wrong = { ...body, password: 'wrong' }
  const bob = { ...body, email: 'bob@example.com' }
  for (const each of [body, wrong])
    expectUnavailable(await caller.call('POST', '/auth/login', { body: each }))
  expectUnavailable(await caller.call('POST', '/auth/register', { body: bob }))
}

/** The token that was refused works, and so does everything else. A pool may hold connections that are still read-only. */
export const expectHealed = async (
  caller: Caller,
  token: string,
  ground: Ground,
): Promise<number> => {
  let refused = 0
  for (;;) {
    const { status } = await refresh(caller, token)
    if (status === 200) break
    expect(status).toBe(503)
    refused += 1
    expect(refused).toBeLessThan(20)
    await pause(50)
  }
  await signUp(caller, 'bob@example.com')
  expect(await ground.look.users()).toHaveLength(2)
  await expectSound(ground)
  return refused
}
