import { type Auth, createAuth } from '../auth.js'
import type { AuthEvent } from '../features/events/store.js'
import type { AuthOptions } from '../options.js'
import { memoryStore } from '../stores/memory/memory.js'
import { createTestClock, type TestClock } from './clock.js'

/** An auth object of its own for one test: an empty memory store, a clock that stands still, one account. */
export type TestAuth = {
  auth: Auth
  clock: TestClock
  /** Credentials of an account that exists, as `auth.login` takes them. */
  ada: { email: string; password: string }
  /** Everything that happened, oldest first; Ada's own registration is not among it. */
  events: AuthEvent[]
}

const ada = { email: 'ada@example.com', password: 'a long and winding road' }

/**
 * The real thing, made quick: real hashes, real tokens, real rules, in memory. Tests share nothing, so they may run side
 * by side.
 *
 * @param options as for `createAuth`; what is left out is right for tests
 * @throws ConfigurationError as `createAuth` does
 * @example
 * const { auth, ada, clock } = await createTestAuth()
 * const { accessToken } = await auth.login(ada, {})
 * clock.advance('16m') // the token has expired
 */
export const createTestAuth = async (options: Partial<AuthOptions> = {}): Promise<TestAuth> => {
  const clock = createTestClock()
  const events: AuthEvent[] = []
  const auth = createAuth({ store: memoryStore(), clock, ...options })
  await auth.users.create(ada, { actor: 'test' })
  auth.onEvent((event) => {
    events.push(event)
  })
  return { auth, clock, ada, events }
}
