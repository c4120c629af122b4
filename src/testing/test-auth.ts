import { type Auth, createAuth } from '../auth.js'
import type { AuthEvent } from '../features/events/store.js'
import type { AuthOptions } from '../options.js'
import { memoryStore } from '../stores/memory/memory.js'
import { createTestClock, type TestClock } from './clock.js'

/** An auth object of its own for one test: an empty memory store, a clock that stands still, one account. */
export type TestAuth = {
  auth: Auth
  clock: TestClock
  /** Credentials of an account that exists. */
  ada: { email: string; password: string }
  /** Everything that happened, oldest first; Ada's own registration is not among it. */
  events: AuthEvent[]
}

const ada = { email: 'ada@example.com', password: 'a long and winding road' }

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
