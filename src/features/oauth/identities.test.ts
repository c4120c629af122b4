import { describe, expect, test } from 'vitest'
import { arrivalOf, linkGoogle } from '../../testing/arrivals.js'
import { createTestAuth } from '../../testing/test-auth.js'

const caller = { address: '192.0.2.1', userAgent: 'test', requestId: 'request-1' }
const client = { clientId: 'client', clientSecret: 'secret' }
const oauth = {
  providers: [
    { name: 'google', ...client },
    { name: 'github', ...client },
  ],
}

/** Ada, signed in with her password. */
const signedIn = async () => {
  const made = await createTestAuth({ oauth })
  const { auth, ada } = made
  const grant = await auth.login(ada, caller)
  const { user, session } = await auth.authenticate(grant.accessToken)
  const who = { userId: user.id, sessionId: session.id }
  const { identities } = auth.rooms.social
  const link = (subject: string, provider = 'google', email = 'ada@elsewhere.test') =>
    identities.linkFor(who, arrivalOf(email, subject, { provider }), caller)
  const unlink = (id: string, password?: string) =>
    identities.unlink({ userId: user.id, id }, { password, sessionId: who.sessionId }, caller)
  return { ...made, grant, user, session, who, identities, link, unlink }
}

/** Bea, who came through Google and has no password. */
const withoutPassword = async () => {
  const made = await createTestAuth({ oauth })
  const { auth } = made
  const { social } = auth.rooms
  const come = async () => {
    const grant = await social.logIn(arrivalOf('bea@example.com'), caller)
    return { grant, ...(await auth.authenticate(grant.accessToken)) }
  }
  const { grant, user, session } = await come()
  const who = { userId: user.id, sessionId: session.id }
  const [google] = await social.identities.list(user.id)
  if (google === undefined) throw new Error('Nothing is linked')
  const unlink = (id: string) =>
    social.identities.unlink({ userId: user.id, id }, { sessionId: who.sessionId }, caller)
  return { ...made, come, grant, user, session, who, google, social, unlink }
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('linking a login', () => {
  test('opens the same account from then on', async () => {
    const { auth, user, identities, link, events, session } = await signedIn()
    const identity = await link('1')

    expect(await identities.list(user.id)).toEqual([identity])
    const grant = await auth.rooms.social.logIn(arrivalOf(null), caller)
    expect(grant.user?.id).toBe(user.id)
    const details = { provider: 'google' }
    expect(events.filter(({ type }) => type === 'identity.linked')).toEqual([
      expect.objectContaining({ subjectId: user.id, sessionId: session.id, details }),
    ])
  })

  test('of one’s own twice is no mistake, and happens once', async () => {
    const { user, identities, link, events } = await signedIn()
    const first = await link('1')
    const again = await Promise.all(Array.from({ length: 5 }, () => link('1')))

    expect(again.map(({ id }) => id)).toEqual(Array(5).fill(first.id))
    expect(await identities.list(user.id)).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'identity.linked')).toHaveLength(1)
  })

  test('of somebody else is refused', async () => {
    const { auth, link } = await signedIn()
    const bob = await auth.rooms.social.logIn(arrivalOf('bob@example.com'), caller)

    await expect(link('1')).rejects.toEqual(refusal('identity_taken'))
    const again = await auth.rooms.social.logIn(arrivalOf('bob@example.com'), caller)
    expect(again.user?.id).toBe(bob.user?.id)
  })

  test('one login that two users link at once is linked to one', async () => {
    const { auth, ada, link } = await signedIn()
    const bob = { email: 'bob@example.com', password: ada.password }
    const { accessToken } = await auth.register(bob, caller)
    const bobs = linkGoogle(auth, await auth.authenticate(accessToken), caller)
    const told = await Promise.allSettled([link('1'), bobs])

    expect(told.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(told.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'identity_taken' },
    })
  })

  test('A-096: for a session that ended, of another user or of a disabled one is refused', async () => {
    const made = await signedIn()
    const { auth, ada, user, who, identities, link } = made
    const stranger = { ...who, userId: (await auth.users.create(bob, {})).id }
    const strange = identities.linkFor(stranger, arrivalOf(null), caller)
    await expect(strange).rejects.toEqual(refusal('session_revoked'))
    await auth.store.users.setActive(user.id, false, made.clock())
    await expect(link('1')).rejects.toEqual(refusal('account_disabled'))
    await auth.users.setActive(ada.email, true, caller)
    await auth.sessions.end(user.id, who.sessionId, caller)

    await expect(link('1')).rejects.toEqual(refusal('session_revoked'))
    expect(await identities.list(user.id)).toEqual([])
  })

  test('A-096: while the account is claimed by the owner of its address comes before or not at all', async () => {
    const { auth, ada, user, identities, link } = await signedIn()
    const claim = { ...arrivalOf(ada.email, 'owner'), claim: true as const }
    const [claimed] = await Promise.all([
      auth.rooms.social.logIn(claim, caller),
      ...Array.from({ length: 10 }, (_, index) => link(`eve ${index}`).catch(() => undefined)),
    ])

    expect(claimed.user?.id).toBe(user.id)
    expect((await identities.list(user.id)).map(({ subject }) => subject)).toEqual(['owner'])
  })

  test.each([
    ['of the account, by who can tell, proves it', 'ada@example.com', true, true],
    ['in capitals is the same', 'Ada@Example.com', true, true],
    ['by who cannot tell proves nothing', 'ada@example.com', false, false],
    ['of another proves nothing', 'other@example.com', true, false],
  ])('with an address %s', async (_, email, isEmailAuthoritative, emailVerified) => {
    const { auth, ada, user, who, identities } = await signedIn()
    await identities.linkFor(who, arrivalOf(email, '1', { isEmailAuthoritative }), caller)

    expect((await auth.store.users.find(user.id))?.emailVerified).toBe(emailVerified)
    await expect(auth.login(ada, caller)).resolves.toBeDefined() // the password stays
  })
})

const bob = { email: 'bob@example.com', password: 'a very quiet orchard' }

describe('unlinking a login', () => {
  test('closes that way, ends all other sessions, and keeps this one', async () => {
    const { auth, ada, grant, link, unlink, user, session, events } = await signedIn()
    const { id } = await link('1')
    const other = await auth.login(ada, caller)
    const through = await auth.rooms.social.logIn(arrivalOf(null), caller)
    await unlink(id)

    await expect(auth.authenticate(grant.accessToken)).resolves.toBeDefined()
    for (const { accessToken } of [other, through])
      await expect(auth.authenticate(accessToken)).rejects.toEqual(refusal('invalid_token'))
    const again = auth.rooms.social.logIn(arrivalOf(null), caller)
    await expect(again).rejects.toEqual(refusal('provider_email_missing'))
    expect(events.filter(({ type }) => type === 'identity.unlinked')).toMatchObject([
      { subjectId: user.id, sessionId: session.id },
    ])
  })

  test('needs a recent sign-in, or the password', async () => {
    const { ada, clock, link, unlink } = await signedIn()
    const [{ id }, other] = [await link('1'), await link('2')]
    await expect(unlink(id, 'wrong')).rejects.toEqual(refusal('wrong_password'))
    clock.advance('11m')
    await expect(unlink(id)).rejects.toEqual(refusal('reauthentication_required'))

    await expect(unlink(id, ada.password)).resolves.toBeUndefined()
    await expect(unlink(other.id, ada.password)).resolves.toBeUndefined()
  })

  test('of somebody else, or twice, finds nothing', async () => {
    const { auth, link, unlink, events } = await signedIn()
    const bobs = await auth.rooms.social.logIn(arrivalOf('bob@example.com', 'bob'), caller)
    const [theirs] = await auth.rooms.social.identities.list(bobs.user?.id ?? '')
    const { id } = await link('1')
    await unlink(id)

    for (const gone of [id, theirs?.id ?? '', 'nothing'])
      await expect(unlink(gone)).rejects.toEqual(refusal('identity_not_found'))
    expect(events.filter(({ type }) => type === 'identity.unlinked')).toHaveLength(1)
  })

  test('leaves the last way in, and ends no session for it', async () => {
    const { auth, come, google, unlink, user, social } = await withoutPassword()
    const other = await come()

    await expect(unlink(google.id)).rejects.toEqual(refusal('last_way_in'))
    expect(await social.identities.list(user.id)).toHaveLength(1)
    await expect(auth.authenticate(other.grant.accessToken)).resolves.toBeDefined()
  })

  test('counts only logins at providers that are set up', async () => {
    const { google, unlink, who, social } = await withoutPassword()
    await social.identities.linkFor(who, arrivalOf(null, '1', { provider: 'gone' }), caller)
    await expect(unlink(google.id)).rejects.toEqual(refusal('last_way_in'))
    await social.identities.linkFor(who, arrivalOf(null, '1', { provider: 'github' }), caller)

    await expect(unlink(google.id)).resolves.toBeUndefined()
  })

  test('a password counts as a way in', async () => {
    const { auth, google, unlink, user, session } = await withoutPassword()
    const next = 'a very quiet orchard'
    await auth.changePassword({ user, sessionId: session.id }, { next }, caller)

    await expect(unlink(google.id)).resolves.toBeUndefined()
    await expect(
      auth.login({ email: 'bea@example.com', password: next }, caller),
    ).resolves.toBeDefined()
  })

  test('of the last two at once leaves one', async () => {
    const { google, unlink, who, social, user } = await withoutPassword()
    const github = arrivalOf(null, '1', { provider: 'github' })
    const { id } = await social.identities.linkFor(who, github, caller)
    const told = await Promise.allSettled([unlink(google.id), unlink(id)])

    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(told[1]).toMatchObject({ reason: { code: 'last_way_in' } })
    expect(await social.identities.list(user.id)).toHaveLength(1)
  })
})
