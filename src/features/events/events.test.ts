import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { memoryStore } from '../../stores/memory/memory.js'
import type { Ports, Store } from '../../stores/store.js'
import { withPorts } from '../../stores/with-ports.js'
import { arrivalOf, importedRow, linkGoogle } from '../../testing/arrivals.js'
import { tradeOne } from '../../testing/legacy.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'
import { type EventType, eventTypes } from './event-types.js'
import type { AuthEvent, RecordedEvent } from './store.js'

const caller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' }
const password = 'quiet lemon orchard'
const bob = { email: 'bob@example.com', password }

/** What is done to make one event of a kind happen: first what it needs, then the one thing itself. */
const makers: Record<EventType, (test: TestAuth) => Promise<() => Promise<unknown>>> = {
  'account.registered':
    async ({ auth }) =>
    () =>
      auth.register(bob, caller),
  'registration.repeated':
    async ({ auth, ada }) =>
    () =>
      auth.rooms.accounts.createQuietly(ada, caller),
  'account.created':
    async ({ auth }) =>
    () =>
      auth.users.create(bob, caller),
  'accounts.imported':
    async ({ auth }) =>
    () =>
      auth.users.import.add([importedRow], { ...caller, actor: 'cli' }),
  'account.updated': async (test) => {
    const { user } = await signIn(test)
    return () => test.auth.updateProfile(user, { firstName: 'A' }, caller)
  },
  'identity.linked': async (test) => {
    const who = await signIn(test)
    return () => linkGoogle(test.auth, who, caller)
  },
  'identity.unlinked': async (test) => {
    const who = await signIn(test)
    const { id } = await linkGoogle(test.auth, who, caller)
    const { identities } = test.auth.rooms.social
    const proof = { sessionId: who.session.id }
    return () => identities.unlink({ userId: who.user.id, id }, proof, caller)
  },
  'account.claimed': async (test) => () =>
    test.auth.rooms.social.logIn({ ...arrivalOf(test.ada.email), claim: true }, caller),
  'account.deleted': async (test) => {
    const { user } = await signIn(test)
    return () => test.auth.deleteAccount(user, test.ada.password, caller)
  },
  'account.disabled':
    async ({ auth, ada }) =>
    () =>
      auth.users.setActive(ada.email, false, caller),
  'account.enabled':
    async ({ auth, ada }) =>
    () =>
      auth.users.setActive(ada.email, true, caller),
  'login.succeeded':
    async ({ auth, ada }) =>
    () =>
      auth.login(ada, caller),
  'login.failed':
    async ({ auth, ada }) =>
    () =>
      auth.login({ ...ada, password: 'wrong' }, caller),
  'login.refused': async ({ auth, ada }) => {
    await auth.users.setActive(ada.email, false, caller)
    return () => auth.login(ada, caller)
  },
  'login.locked': async (test) => {
    await guess(test, 9).catch(() => undefined)
    return () => guess(test, 1)
  },
  'login.surge': async ({ auth, clock }) => {
    const login = (index: number) =>
      auth.login({ ...bob, email: `b${index}@b.de` }, { address: `192.0.${index}.1` })
    for (let index = 1; index <= 61; index += 1) await login(index).catch(() => undefined)
    clock.advance('1m')
    return () => login(62)
  },
  'locks.cleared': async (test) => {
    await guess(test, 10).catch(() => undefined)
    return () => test.auth.locks.clear(test.ada.email, caller)
  },
  'login.new_device': async (test) => {
    await signIn(test)
    return () =>
      test.auth.login(test.ada, {
        address: '198.51.100.7',
        userAgent: 'another',
        requestId: 'request-1',
      })
  },
  'password.changed': async (test) => {
    const { user, session } = await signIn(test)
    const passwords = { current: test.ada.password, next: password }
    return () => test.auth.changePassword({ user, sessionId: session.id }, passwords, caller)
  },
  'password.change_failed': async (test) => {
    const { user, session } = await signIn(test)
    const passwords = { current: 'wrong', next: password }
    return () => test.auth.changePassword({ user, sessionId: session.id }, passwords, caller)
  },
  'password.reset':
    async ({ auth, ada }) =>
    () =>
      auth.users.resetPassword(ada.email, password, caller),
  'password.rehashed':
    async ({ auth, ada, clock, events }) =>
    async () => {
      const onEvent = (event: (typeof events)[number]) => void events.push(event)
      const passwords = { passes: 3 }
      await createAuth({ store: auth.store, clock, onEvent, passwords }).login(ada, caller)
    },
  'session.refreshed': async (test) => {
    const { grant } = await signIn(test)
    return () => test.auth.refresh(grant.refreshToken, caller)
  },
  'session.traded': async (test) => () => tradeOne(test, caller),
  'session.replayed': async (test) => {
    const { grant } = await signIn(test)
    await test.auth.refresh(grant.refreshToken, caller)
    return () => test.auth.refresh(grant.refreshToken, caller)
  },
  'session.reused': async (test) => {
    const { grant } = await signIn(test)
    await test.auth.refresh(grant.refreshToken, caller)
    test.clock.advance('11s')
    return () => test.auth.refresh(grant.refreshToken, caller)
  },
  'session.ended': async (test) => {
    const { user, session } = await signIn(test)
    return () => test.auth.sessions.end(user.id, session.id, caller)
  },
  'sessions.ended': async (test) => {
    const { grant } = await signIn(test)
    return () => test.auth.signOut({ accessToken: grant.accessToken }, 'all', caller)
  },
  'key.created':
    async ({ auth }) =>
    () =>
      auth.keys.rotate({}, { ...caller, actor: 'cli' }),
  'trail.pruned': async ({ auth, clock }) => {
    clock.advance('1s')
    return () => auth.trail.prune({ before: clock() }, { ...caller, actor: 'cli' })
  },
}

/** Wrong passwords, each after as long a wait as those before can have led to. */
const guess = async (test: TestAuth, times: number): Promise<void> => {
  test.clock.advance('1h')
  const login = test.auth.login({ ...test.ada, password: 'wrong' }, caller)
  await (times === 1 ? login : login.catch(() => guess(test, times - 1)))
}

const signIn = async ({ auth, ada }: TestAuth) => {
  const grant = await auth.login(ada, caller)
  return { grant, ...(await auth.authenticate(grant.accessToken)) }
}

const trailOf = (store: Store) => store.events.list({ limit: 1000 })

const withoutPlace = ({ sequence, chain, number, mac, ...event }: RecordedEvent): AuthEvent => event

/** Everything but the trail. */
const stateOf = async ({ users, sessions, keys }: Ports, userId: string) => ({
  users: await users.list({ limit: 100 }),
  sessions: await sessions.listLive({ userId, now: new Date(0), limit: 9 }),
  keys: await keys.list(),
})

const failures = new Set<EventType>([
  ...(['registration.repeated', 'login.failed', 'login.refused', 'login.locked'] as const),
  ...(['password.change_failed', 'session.reused'] as const),
])
/** Nobody knows who it was. */
const strangers = new Set<EventType>(['registration.repeated', 'login.failed', 'login.locked'])
const aboutNobody = new Set<EventType>([
  ...(['accounts.imported', 'login.surge', 'key.created', 'trail.pruned'] as const),
])
/** Of no request. */
const byItself = new Set<EventType>(['login.surge'])

describe('every event', () => {
  test.each(eventTypes)('S-49 %s: once, in the trail and to listeners alike', async (type) => {
    const test = await createTestAuth()
    const act = await makers[type](test)
    const before = new Set((await trailOf(test.auth.store)).map(({ id }) => id))
    test.events.length = 0
    await act().catch(() => undefined)
    const trail = (await trailOf(test.auth.store)).filter(({ id }) => !before.has(id))

    expect(test.events.filter((event) => event.type === type)).toHaveLength(1)
    expect(trail.map(withoutPlace)).toEqual(test.events)
    const event = trail.find((each) => each.type === type)
    expect(event).toMatchObject({
      at: test.clock(),
      outcome: failures.has(type) ? 'failure' : 'success',
      actorId: strangers.has(type) ? null : expect.any(String),
      subjectId: aboutNobody.has(type) ? null : expect.any(String),
      requestId: byItself.has(type) ? null : caller.requestId,
      address: byItself.has(type) ? null : expect.any(String),
      userAgent: byItself.has(type) ? null : expect.any(String),
    })
  })

  const changing = eventTypes.filter(
    (type) => !['login.succeeded', 'password.rehashed'].includes(type),
  )

  test.each(changing)('%s: without its record there is no change', async (type) => {
    let isBroken = false
    const store = withPorts(memoryStore(), ({ events }) => ({
      events: {
        ...events,
        append: (event) =>
          isBroken ? Promise.reject(new Error('the trail is broken')) : events.append(event),
      },
    }))
    const test = await createTestAuth({ store })
    const act = await makers[type](test)
    const { id } = await test.auth.users.find(test.ada.email)
    const before = await stateOf(store, id)
    test.events.length = 0
    isBroken = true

    await expect(act()).rejects.toThrow('the trail is broken')
    expect(await stateOf(store, id)).toEqual(before)
    expect(test.events).toEqual([])
  })

  test('R-25: a login that cannot be recorded did not happen', async () => {
    const store = withPorts(memoryStore(), ({ events }) => ({
      events: {
        ...events,
        append: (event) =>
          event.type === 'login.succeeded'
            ? Promise.reject(new Error('the trail is broken'))
            : events.append(event),
      },
    }))
    const { auth, ada } = await createTestAuth({ store })

    await expect(auth.login(ada, caller)).rejects.toThrow('the trail is broken')
    const { id, lastLoginAt } = await auth.users.find(ada.email)
    expect(lastLoginAt).toBeNull()
    expect(await auth.sessions.list(id)).toEqual([])
  })
})

describe('what an event says', () => {
  test('who did it, about whom, from where, in which session and request', async () => {
    const test = await createTestAuth()
    const { user, session } = await signIn(test)
    expect(test.events.at(-1)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'login.succeeded',
      at: test.clock(),
      outcome: 'success',
      actorId: user.id,
      subjectId: user.id,
      sessionId: session.id,
      address: '192.0.2.1',
      userAgent: 'test',
      requestId: 'request-1',
      details: { method: 'pwd' },
    })
  })

  test('nobody is the actor of a failed login; the account is its subject, if there is one', async () => {
    const { auth, ada, events } = await createTestAuth()
    await expect(auth.login({ ...ada, password: 'wrong' }, caller)).rejects.toThrow()
    await expect(auth.login(bob, {})).rejects.toThrow()
    const { id } = await auth.users.find(ada.email)

    expect(events).toMatchObject([
      { type: 'login.failed', outcome: 'failure', actorId: null, subjectId: id },
      { type: 'login.failed', outcome: 'failure', actorId: null, subjectId: null, address: null },
    ])
  })

  test('never a secret, a hash or an address', async () => {
    const texts: string[] = []
    const tell = (...said: [object, string]) => void texts.push(JSON.stringify(said))
    const log = { debug: tell, info: tell, warn: tell, error: tell }
    for (const type of eventTypes) {
      const test = await createTestAuth({ log })
      const act = await makers[type](test)
      await act().catch(() => undefined)
      texts.push(JSON.stringify(await trailOf(test.auth.store)))
    }

    expect(texts.join()).not.toMatch(/example\.com|argon2|lkr_|eyJ|quiet lemon|winding/)
  })
})
