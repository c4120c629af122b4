import { describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { arrivalOf } from '../../testing/arrivals.js'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'
import { usersFrom } from '../accounts/users-from.js'
import type { Arrival } from './provider-login.js'

const caller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' }
const email = 'ada@example.com'

const words = {
  authoritative: { isEmailConfirmed: true, isEmailAuthoritative: true },
  confirmed: { isEmailConfirmed: true, isEmailAuthoritative: false },
  unconfirmed: { isEmailConfirmed: false, isEmailAuthoritative: false },
  none: { isEmailConfirmed: false, isEmailAuthoritative: false, email: null },
}
type Word = keyof typeof words

const arrivingWith = (word: Word, claim = false): Arrival => {
  const arrival = arrivalOf(email, '1', words[word])
  return claim ? { ...arrival, claim } : arrival
}

const setUp = async (options: Parameters<typeof createTestAuth>[0] = {}) => {
  const made = await createTestAuth(options)
  const { social } = made.auth.rooms
  const { users, identities } = made.auth.store
  const ada = await users.findByEmail(email)
  if (ada === undefined) throw new Error('There is no Ada')
  const proof = { canonicalEmail: email, dropsPassword: false, now: made.clock() }
  const verify = () => users.verifyEmail(ada.id, proof)
  return { ...made, credentials: made.ada, ada, social, users, identities, verify }
}

/** Who has an account at the address already. */
const accounts = {
  nobody: ({ users, ada }) => users.remove(ada.id),
  verified: ({ verify }) => verify(),
  unverified: async () => {},
  'disabled, verified': async ({ verify, users, ada, clock }) => {
    await verify()
    await users.setActive(ada.id, false, clock())
  },
  'disabled, unverified': ({ users, ada, clock }) => users.setActive(ada.id, false, clock()),
} satisfies Record<string, (made: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>>

type Expected = Record<Word, string | [string, string]>
const missing = { unconfirmed: 'provider_email_missing', none: 'provider_email_missing' }
const exists = { confirmed: 'account_exists', ...missing }

/** What becomes of a first sign-in: without a claim, and with one where that makes a difference. */
const table: Record<keyof typeof accounts, Expected> = {
  nobody: { authoritative: 'new, verified', confirmed: 'new, unverified', ...missing },
  verified: { authoritative: 'linked', ...exists },
  unverified: { authoritative: ['account_exists', 'claimed'], ...exists },
  'disabled, verified': { authoritative: 'account_disabled', ...exists },
  'disabled, unverified': { authoritative: 'account_disabled', ...exists },
}

const rows = Object.entries(table).flatMap(([account, expected]) =>
  Object.entries(expected).flatMap(([word, outcome]) =>
    [false, true].map((claim) => {
      const one = typeof outcome === 'string' ? outcome : outcome[claim ? 1 : 0]
      return { account, word, claim, expected: one }
    }),
  ),
)

const isAccount = (name: string): name is keyof typeof accounts => name in accounts
const isWord = (name: string): name is Word => name in words

describe('a first sign-in through a provider', () => {
  test.each(rows)('$account, word $word, claim $claim: $expected', async (row) => {
    if (!isAccount(row.account) || !isWord(row.word)) throw new Error('No such row')
    const made = await setUp()
    const { auth, social, users, identities, ada, credentials } = made
    await accounts[row.account](made)
    const before = await users.findByEmail(email)
    const result = await social.logIn(arrivingWith(row.word, row.claim), caller).then(
      ({ user }) => user?.id ?? '',
      ({ code }) => ({ code }),
    )
    const after = await users.findByEmail(email)
    const linked = (await identities.find('google', '1'))?.userId

    if (row.expected.startsWith('new')) {
      expect([after?.id, linked]).toEqual([result, result])
      expect(after?.id).not.toBe(ada.id)
      const emailVerified = row.expected === 'new, verified'
      expect(after).toMatchObject({ email, emailVerified, passwordHash: null })
    } else if (row.expected === 'linked') {
      expect([result, linked]).toEqual([ada.id, ada.id])
      await expect(auth.login(credentials, caller)).resolves.toBeDefined()
    } else if (row.expected === 'claimed') {
      expect([result, linked]).toEqual([ada.id, ada.id])
      expect(after).toMatchObject({ emailVerified: true, passwordHash: null })
    } else {
      expect(result).toEqual({ code: row.expected })
      expect(after).toEqual(before)
      expect(linked).toBeUndefined()
    }
  })

  test.each([
    ['unknown', false, 'registration_closed'],
    ['known', false, 'account_exists'],
    ['known', true, 'registration_closed'],
  ])('users of the host, %s, claim %s: %s', async (who, claim, code) => {
    const host = { id: 'a1', username: 'ada', email, passwordHash: '' }
    const { auth } = await createTestAuth()
    const users = usersFrom((name) => (who === 'known' && name === email ? host : null))
    const made = createAuth({ store: auth.store, users })
    const arrival = arrivingWith('authoritative', claim)
    const { social } = made.rooms

    await expect(social.logIn(arrival, caller)).rejects.toMatchObject({ code })
    expect(await auth.store.identities.find('google', '1')).toBeUndefined()
    await made.close()
  })

  test('20 at once of one person make one account with one identity', async () => {
    for (const word of ['authoritative', 'confirmed'] as const) {
      const { social, users, identities, ada } = await setUp()
      await users.remove(ada.id)
      const all = Array.from({ length: 20 }, () => social.logIn(arrivingWith(word), caller))
      const ids = new Set((await Promise.all(all)).map(({ user }) => user?.id))

      expect(ids.size).toBe(1)
      expect(await users.list({ limit: 9 })).toHaveLength(1)
      expect(await identities.list([...ids][0] ?? '')).toHaveLength(1)
    }
  })

  test('at two providers with one address at once makes one account with both', async () => {
    const { social, users, identities, ada } = await setUp()
    await users.remove(ada.id)
    const at = (provider: string) => arrivalOf(email, `${provider} 1`, { provider })
    const grants = await Promise.all(
      ['google', 'github'].map((provider) => social.logIn(at(provider), caller)),
    )

    expect(grants[0]?.user?.id).toBe(grants[1]?.user?.id)
    expect(await identities.list(grants[0]?.user?.id ?? '')).toHaveLength(2)
  })
})

describe('who came before', () => {
  test('is known by the subject alone, whatever becomes of the address', async () => {
    const { social, users, ada } = await setUp()
    await users.remove(ada.id)
    const first = await social.logIn(arrivingWith('authoritative'), caller)
    for (const again of [arrivingWith('none'), arrivalOf('other@b.de'), arrivalOf('no address')]) {
      const grant = await social.logIn(again, caller)
      expect(grant.user).toMatchObject({ id: first.user?.id, email })
    }
    const other = await social.logIn(arrivalOf('other@b.de', '2'), caller)

    expect(other.user?.id).not.toBe(first.user?.id)
  })

  test('keeps a name of their own; another follows the provider', async () => {
    const { auth, social, users, ada } = await setUp()
    await users.remove(ada.id)
    const named = (firstName: string | null, lastName: string | null) =>
      social.logIn(arrivalOf(email, '1', { firstName, lastName }), caller)
    const { user } = await auth.authenticate((await named('Ada', 'Byron')).accessToken)
    expect((await named('Ada', 'King')).user).toMatchObject({ firstName: 'Ada', lastName: 'King' })

    await auth.updateProfile(user, { firstName: 'Countess', lastName: null }, caller)
    const same = { firstName: 'Countess', lastName: null }
    expect((await named('Ada', 'King')).user).toMatchObject(same)
    expect((await named('Augusta', null)).user).toMatchObject(same)
    expect((await named('Augusta', 'Lovelace')).user).toMatchObject({ lastName: 'Lovelace' })
  })

  test('is nobody any more once the account is gone without its identities', async () => {
    const { social, users, identities, ada } = await setUp()
    await users.remove(ada.id)
    const first = await social.logIn(arrivingWith('authoritative'), caller)
    await users.remove(first.user?.id ?? '')
    const second = await social.logIn(arrivingWith('authoritative'), caller)

    expect(second.user?.id).not.toBe(first.user?.id)
    expect(await identities.list(first.user?.id ?? '')).toEqual([])
    expect(await identities.list(second.user?.id ?? '')).toHaveLength(1)
  })

  test('is refused when disabled, and that is recorded', async () => {
    const { auth, social, events, ada, verify } = await setUp()
    await verify()
    await social.logIn(arrivingWith('authoritative'), caller)
    await auth.users.setActive(email, false, caller)

    const refused = social.logIn(arrivingWith('authoritative'), caller)
    await expect(refused).rejects.toMatchObject({ code: 'account_disabled' })
    const details = { reason: 'disabled' }
    expect(events.at(-1)).toMatchObject({ type: 'login.refused', subjectId: ada.id, details })
  })

  test('A-096: by a login that is unlinked meanwhile comes in no more', async () => {
    const { auth, social, identities, verify } = await setUp()
    await verify()
    const lookUp = identities.find
    // taken away between the look and the session
    Object.assign(auth.store.identities, {
      find: async (provider: string, subject: string) => {
        const found = await lookUp(provider, subject)
        if (found) await identities.removeAll(found.userId)
        return found
      },
    })
    await social.logIn(arrivingWith('authoritative'), caller)

    const refused = social.logIn(arrivingWith('authoritative'), caller)
    await expect(refused).rejects.toMatchObject({ code: 'invalid_credentials' })
  })
})

describe('the owner of an address who claims the account', () => {
  const planted = async () => {
    const made = await setUp()
    const { auth, social, clock, credentials } = made
    const grant = await auth.login(credentials, caller)
    const { user, session } = await auth.authenticate(grant.accessToken)
    const who = { userId: user.id, sessionId: session.id }
    await social.identities.linkFor(who, arrivalOf('eve@evil.test', 'eve'), caller)
    for (let count = 0; count < 12; count += 1)
      await auth.login({ ...credentials, password: 'wrong' }, caller).catch(() => undefined)
    const blocked = { now: clock(), limit: 9 }
    expect(await auth.store.attempts.listBlocked(blocked)).not.toEqual([])
    return { ...made, grant, who, blocked }
  }
  const claim = ({ auth }: Pick<TestAuth, 'auth'>) =>
    auth.rooms.social.logIn(arrivingWith('authoritative', true), caller)

  test('A-094 A-096: what was planted before is gone: password, sessions, identities, locks', async () => {
    const made = await planted()
    const { auth, social, credentials, grant, identities, events, blocked, ada } = made
    const own = await claim(made)

    expect(own.user).toMatchObject({ id: ada.id, email })
    expect(await auth.store.users.find(ada.id)).toMatchObject({
      ...{ passwordHash: null, emailVerified: true },
    })
    expect((await identities.list(ada.id)).map(({ subject }) => subject)).toEqual(['1'])
    expect(await auth.sessions.list(ada.id)).toHaveLength(1)
    const locks = (await auth.store.attempts.listBlocked(blocked)).map(({ subjectId }) => subjectId)
    expect(locks).not.toContain(ada.id)
    await expect(auth.authenticate(grant.accessToken)).rejects.toMatchObject({ status: 401 })
    await expect(auth.refresh(grant.refreshToken, caller)).rejects.toMatchObject({
      code: 'session_revoked',
    })
    const elsewhere = { address: '198.51.100.9' }
    await expect(auth.login(credentials, elsewhere)).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    const eve = await social.logIn(arrivalOf('eve@evil.test', 'eve'), caller)
    expect(eve.user?.id).not.toBe(ada.id)
    expect(events.filter(({ type }) => type === 'account.claimed')).toHaveLength(1)
  })

  test('of 10 who claim at once all come in, and the account is claimed once', async () => {
    const made = await planted()
    const grants = await Promise.all(Array.from({ length: 10 }, () => claim(made)))

    expect(new Set(grants.map(({ user }) => user?.id))).toEqual(new Set([made.ada.id]))
    expect(made.events.filter(({ type }) => type === 'account.claimed')).toHaveLength(1)
    expect(await made.auth.sessions.list(made.ada.id)).toHaveLength(10)
  })

  test('A-096: a first password that was being set meanwhile is not set', async () => {
    const made = await setUp()
    const { auth, social, users, ada } = made
    await users.remove(ada.id)
    const { accessToken } = await social.logIn(
      arrivalOf(email, 'eve', { ...words.confirmed, provider: 'facebook' }),
      caller,
    )
    const { user, session } = await auth.authenticate(accessToken)
    const setting = auth
      .changePassword({ user, sessionId: session.id }, { next: 'planted by eve 123' }, caller)
      .catch(({ code }) => code)
    await new Promise((resolve) => setTimeout(resolve, 5)) // it is being hashed
    await claim(made)

    expect(await setting).toBe('session_revoked')
    expect((await users.find(user.id))?.passwordHash).toBeNull()
  })
})
