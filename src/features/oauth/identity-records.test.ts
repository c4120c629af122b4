import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../auth.js'
import { sqlStore } from '../../stores/sql/sql.js'
import { arrivalOf } from '../../testing/arrivals.js'
import { createTestAuth } from '../../testing/test-auth.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tokens-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const caller = { address: '192.0.2.1' }
const email = 'bea@example.com'
const given = {
  ...{ accessToken: 'access-token-of-the-provider', scope: 'openid email' },
  ...{ refreshToken: 'refresh-token-of-the-provider', expiresInSeconds: 3600 },
}
type Given = { [Member in keyof typeof given]: (typeof given)[Member] | null } & {
  accessToken: string
}

const setUp = async (keepTokens: boolean) => {
  const made = await createTestAuth({ oauth: { keepTokens } })
  const come = async (tokens: Given | null, subject = '1') => {
    const { user } = await made.auth.rooms.social.logIn(
      arrivalOf(email, subject, { tokens }),
      caller,
    )
    return user?.id ?? ''
  }
  const kept = (id: string) => made.auth.providerTokens(id, 'google')
  return { ...made, come, kept }
}

describe('tokens of the provider', () => {
  test('are kept where the operator wants them, and given out', async () => {
    const { auth, clock, come, kept } = await setUp(true)
    const { expiresInSeconds: _, ...tokens } = given
    const id = await come(given)

    const expiresAt = new Date(clock().getTime() + 3_600_000)
    expect(await kept(id)).toEqual({ ...tokens, expiresAt })
    expect(await auth.providerTokens(id, 'github')).toBeUndefined()
    expect(await auth.providerTokens('nobody', 'google')).toBeUndefined()
  })

  test('are not kept unless asked', async () => {
    const { auth, come, kept } = await setUp(false)
    const id = await come(given)

    expect(await kept(id)).toBeUndefined()
    expect((await auth.store.identities.list(id))[0]?.sealedTokens).toBeNull()
  })

  test('follow the last sign-in; a refresh token that comes once stays', async () => {
    const { clock, come, kept } = await setUp(true)
    await come(given)
    clock.advance('1m')
    const bare = { ...{ refreshToken: null, expiresInSeconds: null, scope: null } }
    const id = await come({ accessToken: 'second', ...bare })

    const { refreshToken } = given
    const second = { accessToken: 'second', refreshToken, scope: null, expiresAt: null }
    expect(await kept(id)).toEqual(second)
    await come(null)
    expect(await kept(id)).toEqual(second)
  })

  test('that are longer than tokens are do not come into the store', async () => {
    const { come, kept } = await setUp(true)
    const id = await come({ ...given, accessToken: 'x'.repeat(100_000) })

    expect(await kept(id)).toBeUndefined()
  })

  test('of two logins at one provider those that came last are given', async () => {
    const { clock, come, kept } = await setUp(true)
    await come(given)
    clock.advance('1m')
    const id = await come({ ...given, accessToken: 'of the second' }, '2')

    expect((await kept(id))?.accessToken).toBe('of the second')
  })

  test('A-107: whoever has the database has no token; they are sealed to their row', async () => {
    const file = join(folder, 'tokens.db')
    const store = sqlStore(`sqlite:${file}`)
    const secret = 'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k'
    const auth = createAuth({ store, secret, oauth: { keepTokens: true } })
    await auth.ready()
    const { user } = await auth.rooms.social.logIn(arrivalOf(email, '1', { tokens: given }), caller)
    const id = user?.id ?? ''
    await auth.rooms.social.logIn(arrivalOf(email, '2'), caller)
    expect((await auth.providerTokens(id, 'google'))?.accessToken).toBe(given.accessToken)

    const [first, second] = await store.identities.list(id)
    const moved = { ...(second ?? expect.fail()), sealedTokens: first?.sealedTokens ?? null }
    await store.identities.refresh(first?.id ?? '', { ...moved, sealedTokens: null })
    await store.identities.refresh(moved.id, moved)
    expect(await auth.providerTokens(id, 'google')).toBeUndefined()
    await auth.close()
    const dump = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(dump.join()).toContain(email)
    for (const token of [given.accessToken, given.refreshToken])
      expect(dump.join()).not.toContain(token)
  })
})

test('an address that is no line of text is not written down', async () => {
  const { auth, come } = await setUp(false)
  const id = await come(null)
  for (const strange of ['a\0@b.de', 'a\n@b.de', `${'x'.repeat(250)}@b.de`, '\ud800@b.de']) {
    await auth.rooms.social.logIn(arrivalOf(strange), caller)
    expect((await auth.store.identities.list(id))[0]?.email).toBeNull()
  }
})
