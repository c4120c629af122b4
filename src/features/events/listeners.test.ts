import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { silentLog } from '../../lib/log.js'
import { memoryStore } from '../../stores/memory/memory.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' }

describe('listeners', () => {
  test('hear of events in order, and no more once removed', async () => {
    const { auth, ada } = await createTestAuth()
    const heard: string[] = []
    const stop = auth.onEvent(({ type }) => void heard.push(type))
    const { refreshToken } = await auth.login(ada, caller)
    const second = await auth.refresh(refreshToken, caller)
    await auth.signOut({ refreshToken: second.refreshToken }, 'this', caller)
    stop()
    stop()
    await auth.login(ada, caller)

    expect(heard).toEqual(['login.succeeded', 'session.refreshed', 'session.ended'])
  })

  test('hear only what is safe in the store', async () => {
    const { auth, ada } = await createTestAuth()
    const stored: boolean[] = []
    const seen = new Promise<void>((done) => {
      auth.onEvent(async ({ id }) => {
        const trail = await auth.store.events.list({ limit: 1000 })
        stored.push(trail.some((event) => event.id === id))
        done()
      })
    })
    await auth.login(ada, caller)
    await seen

    expect(stored).toEqual([true])
  })

  test('that throw, reject or never end change nothing for anybody', async () => {
    const errors: unknown[] = []
    const log = { ...silentLog, error: (fields: object) => void errors.push(fields) }
    const { auth, ada } = await createTestAuth({ log })
    const heard: string[] = []
    auth.onEvent(() => {
      throw new Error('thrown')
    })
    auth.onEvent(() => Promise.reject(new Error('rejected')))
    auth.onEvent(() => new Promise(() => {}))
    auth.onEvent(({ type }) => void heard.push(type))
    await expect(auth.login(ada, caller)).resolves.toBeDefined()
    await new Promise((resolve) => setImmediate(resolve))

    expect(heard).toEqual(['login.succeeded'])
    expect(errors).toMatchObject([
      { event: 'login.succeeded', err: { message: 'thrown' } },
      { event: 'login.succeeded', err: { message: 'rejected' } },
    ])
  })

  test('given as an option hear from the first event on', async () => {
    const heard: string[] = []
    const auth = createAuth({ store: memoryStore(), onEvent: ({ type }) => void heard.push(type) })
    await auth.ready()

    expect(heard).toEqual(['key.created'])
  })
})
