import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { nextTurn } from '../../lib/next-turn.js'
import { memoryStore } from '../../stores/memory/memory.js'
import type { Store } from '../../stores/store.js'
import { withPorts } from '../../stores/with-ports.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test' }

describe('refresh tokens', () => {
  test('a refresh token works once; a later repeat ends the session', async () => {
    const { auth, ada, clock, events } = await createTestAuth()
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    clock.advance('11s')

    await expect(auth.refresh(first.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.refresh(second.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    expect(events.filter(({ type }) => type === 'session.reused')).toHaveLength(1)
  })

  test('the predecessor is answered with the very same successor within the grace', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    clock.advance('10s')
    const again = await auth.refresh(first.refreshToken, caller)

    expect(again.refreshToken).toBe(second.refreshToken)
  })

  test('with a grace of nothing every repeat ends the session', async () => {
    const { auth, ada } = await createTestAuth({ sessions: { grace: '0s' } })
    const first = await auth.login(ada, caller)
    await auth.refresh(first.refreshToken, caller)

    await expect(auth.refresh(first.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  test('a session slides, but never past its absolute end', async () => {
    const { auth, ada, clock } = await createTestAuth()
    let { refreshToken } = await auth.login(ada, caller)
    for (let day = 0; day < 29; day += 1) {
      clock.advance('1d')
      refreshToken = (await auth.refresh(refreshToken, caller)).refreshToken
    }
    clock.advance('1d')

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_expired',
    })
  })

  test('a session that is not refreshed in time has expired', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    clock.advance('7d')

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_expired',
    })
  })
})

describe('which refresh tokens are told apart', () => {
  test('A-045: a guess is refused before the store is asked', async () => {
    const { auth } = await createTestAuth()
    const find = vi.spyOn(auth.store.sessions, 'find')
    const guesses = [
      ...['', 'lkr_', 'null', 'x'.repeat(1_000_000), `lkr_${'A'.repeat(4)}.${'B'.repeat(22)}.0.`],
      ...Array.from({ length: 100 }, () => {
        const part = (bytes: number) => randomBytes(bytes).toString('base64url')
        return `lkr_${part(3)}.${part(16)}.0.${part(40).padEnd(54, 'A')}`
      }),
    ]
    for (const guess of guesses) {
      await expect(auth.refresh(guess, caller)).rejects.toMatchObject({ code: 'invalid_token' })
    }
    expect(find).not.toHaveBeenCalled()
  })

  test('every part of a token counts: any changed character makes it unknown', async () => {
    const { auth, ada } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    for (let place = 0; place < refreshToken.length; place += 1) {
      const other = refreshToken[place] === 'b' ? 'c' : 'b'
      const changed = refreshToken.slice(0, place) + other + refreshToken.slice(place + 1)
      await expect(auth.refresh(changed, caller), changed).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
    await expect(auth.refresh(refreshToken, caller)).resolves.toBeDefined()
  })

  test('the nonce is part of it: a row with another nonce knows no token of before', async () => {
    const { auth, ada } = await createTestAuth()
    const { refreshToken, accessToken } = await auth.login(ada, caller)
    const { session } = await auth.authenticate(accessToken)
    await auth.store.sessions.removeAll(session.userId)
    await auth.store.sessions.insert({ ...session, nonce: 'another' })

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })

  test('A-038: tokens of two sessions, of one user or of two, never mix', async () => {
    const { auth, ada } = await createTestAuth()
    const [one, two] = [await auth.login(ada, caller), await auth.login(ada, caller)]
    const [[head1 = '', id1 = '', ...rest1], [, id2 = '', ...rest2]] = [
      one.refreshToken.split('.'),
      two.refreshToken.split('.'),
    ]
    for (const mixed of [
      [head1, id2, ...rest1],
      [head1, id1, ...rest2],
    ]) {
      await expect(auth.refresh(mixed.join('.'), caller)).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
  })

  test('S-19: a thousand tokens are all different', async () => {
    const { auth, ada } = await createTestAuth()
    let { refreshToken } = await auth.login(ada, caller)
    const seen = new Set<string>()
    for (let count = 0; count < 1000; count += 1) {
      seen.add(refreshToken)
      refreshToken = (await auth.refresh(refreshToken, caller)).refreshToken
    }

    expect(seen.size).toBe(1000)
  })

  test('an ended session is told as ended, also when it would have expired by now', async () => {
    const { auth, ada, clock } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    await auth.signOut({ refreshToken }, 'this', caller)
    clock.advance('30d')

    await expect(auth.refresh(refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
      status: 401,
    })
  })

  test('R-02: fifty at once with one token are all given the same successor', async () => {
    const { auth, ada, events } = await createTestAuth()
    const { refreshToken } = await auth.login(ada, caller)
    const grants = await Promise.all(
      Array.from({ length: 50 }, () => auth.refresh(refreshToken, caller)),
    )

    expect(new Set(grants.map((grant) => grant.refreshToken)).size).toBe(1)
    expect(events.filter(({ type }) => type === 'session.refreshed')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'session.replayed')).toHaveLength(49)
  })

  test('R-02: with a grace of nothing one of fifty is served, and the family ends', async () => {
    const { auth, ada } = await createTestAuth({ sessions: { grace: '0s' } })
    const { refreshToken } = await auth.login(ada, caller)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => auth.refresh(refreshToken, caller)),
    )

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('the grandparent is theft at once, whatever the grace', async () => {
    const { auth, ada } = await createTestAuth({ sessions: { grace: '60s' } })
    const first = await auth.login(ada, caller)
    const second = await auth.refresh(first.refreshToken, caller)
    const third = await auth.refresh(second.refreshToken, caller)

    await expect(auth.refresh(first.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.refresh(third.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    await expect(auth.authenticate(third.accessToken)).rejects.toMatchObject({ status: 401 })
  })

  test('a token ahead of its row lives on: the store lost what it had confirmed', async () => {
    const store = memoryStore()
    const { auth, ada } = await createTestAuth({ store, sessions: { grace: '0s' } })
    const first = await auth.login(ada, caller)
    const user = await auth.users.find(ada.email)
    const [kept] = await auth.sessions.list(user.id)
    if (kept === undefined) throw new Error('There is no session')
    const second = await auth.refresh(first.refreshToken, caller)
    const third = await auth.refresh(second.refreshToken, caller)
    await store.sessions.removeAll(user.id)
    await store.sessions.insert(kept)

    const fourth = await auth.refresh(third.refreshToken, caller)
    expect(await store.sessions.find(kept.id)).toMatchObject({ generation: 3, revokedAt: null })
    await auth.refresh(fourth.refreshToken, caller)
    await expect(auth.refresh(second.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
  })

  test('A-036: a store that fails in the middle spends nothing', async () => {
    const store = memoryStore()
    let isBroken = false
    const { auth, ada } = await createTestAuth({
      store: withPorts(store, ({ events }) => ({
        events: {
          ...events,
          append: (event) =>
            isBroken ? Promise.reject(new Error('broken')) : events.append(event),
        },
      })),
    })
    const { refreshToken } = await auth.login(ada, caller)
    isBroken = true
    for (let count = 0; count < 5; count += 1) {
      await expect(auth.refresh(refreshToken, caller)).rejects.toThrow('broken')
    }
    isBroken = false

    await expect(auth.refresh(refreshToken, caller)).resolves.toBeDefined()
  })

  /** A store that, once it is held, commits when it is told to, or fails to. */
  const heldStore = () => {
    const store = memoryStore()
    let committed = Promise.resolve()
    const transaction: Store['transaction'] = (work) =>
      store.transaction(async (ports) => {
        const result = await work(ports)
        await committed
        return result
      })
    const hold = () => {
      let settle = { commit: (): void => {}, fail: (_error: Error): void => {} }
      committed = new Promise((commit, fail) => {
        settle = { commit, fail }
      })
      return settle
    }
    return { store: { ...store, transaction }, hold }
  }

  test('the next tokens are made before the commit is done, and nobody has them before', async () => {
    const { store, hold } = heldStore()
    const claims = vi.fn(() => ({}))
    const { auth, ada } = await createTestAuth({ store, tokens: { claims } })
    const { refreshToken } = await auth.login(ada, caller)
    claims.mockClear()
    const { commit } = hold()
    const given = vi.fn()
    const refreshed = auth.refresh(refreshToken, caller).then(given)
    await vi.waitFor(() => expect(claims).toHaveBeenCalledOnce())
    await nextTurn()

    expect(given).not.toHaveBeenCalled()
    commit()
    await refreshed
    expect(given).toHaveBeenCalledOnce()
    expect(claims).toHaveBeenCalledOnce()
  })

  test('where commit and tokens both fail, the commit is what is told of', async () => {
    const { store, hold } = heldStore()
    const claims = vi.fn(() => ({}))
    const { auth, ada } = await createTestAuth({ store, tokens: { claims } })
    const { refreshToken } = await auth.login(ada, caller)
    claims.mockReset().mockImplementation(() => {
      throw new Error('no claims')
    })
    const { fail } = hold()
    const refreshed = auth.refresh(refreshToken, caller)
    await vi.waitFor(() => expect(claims).toHaveBeenCalledOnce())
    await nextTurn() // a rejection that nobody has seen by now ends the process
    fail(new Error('no commit'))

    await expect(refreshed).rejects.toThrow('no commit')
  })
})
