import { afterAll, describe, expect, test } from 'vitest'
import { startTarget } from './target.js'

/** a refresh token that comes a second time within the grace, from where its session was not opened. */
const home = { address: '192.0.2.1', userAgent: 'at home' }
const thieves = [
  { ...home, address: '198.51.100.7' },
  { ...home, userAgent: 'of a thief' },
  { address: home.address },
  { userAgent: home.userAgent },
]

describe.each([true, false])('A-054 with sessions.strictGrace: %s', async (strictGrace) => {
  const target = await startTarget({ sessions: { strictGrace } })
  afterAll(() => target.close())

  const rotated = async () => {
    const { refreshToken } = await target.auth.login(target.ada, home)
    const next = await target.auth.refresh(refreshToken, home)
    target.events.length = 0
    return { spent: refreshToken, next: next.refreshToken }
  }
  const told = () => target.events.map(({ type, address }) => [type, address])

  test('the same program at the same address is given the same successor', async () => {
    const { spent, next } = await rotated()

    expect((await target.auth.refresh(spent, home)).refreshToken).toBe(next)
    expect(told()).toEqual([['session.replayed', home.address]])
  })

  test.each(thieves)(
    'from elsewhere it is told, and theft if that is strict: %o',
    async (thief) => {
      const { spent, next } = await rotated()
      const outcome = await target.auth.refresh(spent, thief).catch(({ code }) => code)

      if (strictGrace) {
        expect(outcome).toBe('session_revoked')
        expect(told()).toEqual([['session.reused', thief.address ?? null]])
        await expect(target.auth.refresh(next, home)).rejects.toMatchObject({ status: 401 })
      } else {
        expect(outcome.refreshToken).toBe(next)
        expect(told()).toEqual([['session.replayed', thief.address ?? null]])
      }
    },
  )

  test('a live token may move: who has a new address is no thief', async () => {
    const { next } = await rotated()

    await expect(target.auth.refresh(next, { address: '203.0.113.9' })).resolves.toBeDefined()
  })
})
