import { describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/log.js'
import { createTestAuth } from '../../testing/test-auth.js'
import { alertTypes } from './event-types.js'

const home = { address: '192.0.2.1', userAgent: 'at home' }
const elsewhere = { address: '198.51.100.7', userAgent: 'elsewhere' }

describe('alerts', () => {
  test('are told to onAlert besides onEvent, and logged as warnings', async () => {
    const heard: string[] = []
    const warned: unknown[] = []
    const { auth, ada, events } = await createTestAuth({
      onAlert: ({ type }) => void heard.push(type),
      log: { ...silentLog, warn: (fields) => void warned.push(fields) },
    })
    await auth.login(ada, home)
    await auth.login(ada, elsewhere)

    expect(heard).toEqual(['login.new_device'])
    expect(warned).toMatchObject([{ event: 'login.new_device', address: '198.51.100.7' }])
    expect(events.map(({ type }) => type)).toEqual([
      ...['login.succeeded', 'login.succeeded', 'login.new_device'],
    ])
  })

  test('a spent refresh token is one', async () => {
    const heard: string[] = []
    const { auth, ada, clock } = await createTestAuth({
      onAlert: ({ type }) => void heard.push(type),
    })
    const { refreshToken } = await auth.login(ada, home)
    await auth.refresh(refreshToken, home)
    clock.advance('11s')
    await auth.refresh(refreshToken, home).catch(() => undefined)

    expect(heard).toEqual(['session.reused'])
    expect(alertTypes).toContain('session.reused')
  })

  test('whose listener throws or rejects keep nobody out', async () => {
    for (const onAlert of [
      () => Promise.reject(new Error('rejected')),
      () => {
        throw new Error('thrown')
      },
    ]) {
      const { auth, ada } = await createTestAuth({ onAlert })
      await auth.login(ada, home)

      await expect(auth.login(ada, elsewhere)).resolves.toBeDefined()
    }
  })
})
