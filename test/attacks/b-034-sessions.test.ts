import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { expectHealthy, expectUnauthorized, startTarget, type Target } from './target.js'

/** sessions that are stolen, outlived, guessed or mixed. */
const eve = { email: 'eve@example.org', password: 'correct horse battery staple' }
const names = /password_?hash|argon2|nonce|canonical|sealed|private|secret|totp|lkr_/i

describe('sessions', () => {
  let target: Target

  beforeEach(async () => {
    target = await startTarget()
  })
  afterEach(async () => {
    await expectHealthy(target)
    await target.close()
  })

  const refresh = (refresh_token: string) =>
    target.ask('POST', '/auth/refresh', { body: { refresh_token } })
  const me = (token: string) => target.ask('GET', '/auth/me', { token })
  const register = async () => (await target.ask('POST', '/auth/register', { body: eve })).json

  test('A-034 fifty refreshes of one token at the same time give one successor', async () => {
    const { refresh: token } = await target.signIn()
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(token)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ json }) => json.refresh_token)).size).toBe(1)
    expect(target.events.filter(({ type }) => type === 'session.refreshed')).toHaveLength(1)
  })

  test('A-037 an old token after the grace ends the newest too, and leaves a trace', async () => {
    const { refresh: first, access } = await target.signIn()
    const second = (await refresh(first)).json.refresh_token
    const third = (await refresh(second)).json.refresh_token
    expectUnauthorized(await refresh(first), 'session_revoked') // two generations back, even within the grace
    expectUnauthorized(await refresh(third), 'session_revoked')
    expectUnauthorized(await me(access), 'invalid_token')
    expect(target.events.map(({ type }) => type)).toContain('session.reused')
  })

  test('A-054 a repeat within the grace is answered, and audited with who asked', async () => {
    const { refresh: token } = await target.signIn()
    await refresh(token)
    const thief = await target.ask('POST', '/auth/refresh', {
      headers: ['User-Agent', 'thief\t1'],
      body: { refresh_token: token },
    })
    expect(thief.status).toBe(200)
    const trace = target.events.find(({ type }) => type === 'session.replayed')
    expect(trace).toMatchObject({ userAgent: 'thief 1' })
  })

  test('A-038 tokens of two people do not mix', async () => {
    const ada = await target.signIn()
    const other = await register()
    const same = ['Sec-Fetch-Site', 'same-origin', 'Cookie', `refresh_token=${ada.refresh}`]
    const mixed = await target.ask('POST', '/auth/refresh', {
      headers: same,
      body: { refresh_token: other.refresh_token },
    })
    expect([mixed.status, mixed.headers['set-cookie']]).toEqual([400, undefined])
    expectUnauthorized(
      await target.ask('POST', '/auth/logout', {
        token: ada.access,
        body: { refresh_token: other.refresh_token },
      }),
      'invalid_token',
    )
    expect((await refresh(ada.refresh)).status).toBe(200)
    expect((await refresh(other.refresh_token)).status).toBe(200)
  })

  test('A-020 refresh tokens have one spelling', async () => {
    const { refresh: token } = await target.signIn()
    const [key = '', session = '', generation = '', tail = ''] = token.split('.')
    const twin = (text: string) =>
      text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1)
    const forms = [
      `${token}=`,
      `${token} `,
      ` ${token}`,
      `${token}\n`,
      token.toUpperCase(),
      token.toLowerCase(),
      token.slice(0, -1),
      `${token}A`,
      token.replace('lkr_', 'LKR_'),
      token.replace('lkr_', ''),
      `${key}.${twin(session)}.${generation}.${tail}`,
      `${key}.${session}.${generation}.${twin(tail)}`,
      `lkr_AAAA.${session}.${generation}.${tail}`,
      ...['00', '-1', '1', '+0', '0x0', '', ' 0', '0.', 'Z', '1e1', '99999999'].map(
        (other) => `${key}.${session}.${other}.${tail}`,
      ),
      'null',
      'undefined',
      '',
      '.',
      '....',
      token.split('.').reverse().join('.'),
      encodeURIComponent(`${token}%`),
    ]
    for (const form of forms) {
      const answer = await refresh(form)
      expect([form, answer.status, answer.json.code]).toEqual([form, 401, 'invalid_token'])
    }
    expect((await refresh(token)).status).toBe(200)
    expect(
      (await target.ask('POST', '/auth/refresh', { body: { refresh_token: 'x'.repeat(5_000) } }))
        .status,
    ).toBe(422)
    for (const value of [1, null, [token], { token }, true]) {
      expect(
        (await target.ask('POST', '/auth/refresh', { body: { refresh_token: value } })).status,
      ).toBe(422)
    }
  })

  test('A-040 after signing out both tokens are dead at once', async () => {
    const { access, refresh: token } = await target.signIn()
    await me(access)
    expect(
      (await target.ask('POST', '/auth/logout', { body: { refresh_token: token } })).status,
    ).toBe(204)
    expectUnauthorized(await refresh(token), 'session_revoked')
    expectUnauthorized(await me(access), 'invalid_token')
  })

  test('A-041 a deleted account takes its tokens along, also when its address comes back', async () => {
    const before = await register()
    expect(
      (
        await target.ask('DELETE', '/auth/me', {
          token: before.access_token,
          body: { password: eve.password },
        })
      ).status,
    ).toBe(204)
    const after = await register()
    expect(after.user.id).not.toBe(before.user.id)
    expectUnauthorized(await me(before.access_token), 'invalid_token')
    expectUnauthorized(await refresh(before.refresh_token))
    expectUnauthorized(
      await target.ask('POST', '/auth/logout', { body: { refresh_token: before.refresh_token } }),
    )
    expect((await me(after.access_token)).json.id).toBe(after.user.id)
  })

  test('A-042 a disabled account is refused everywhere', async () => {
    const { access, refresh: token, userId } = await target.signIn()
    await me(access)
    await target.auth.users.setActive(userId, false, { actor: 'test' })
    expectUnauthorized(await me(access), 'invalid_token')
    expectUnauthorized(await refresh(token))
    const login = await target.ask('POST', '/auth/login', { body: target.ada })
    expect([login.status, login.json.code]).toEqual([403, 'account_disabled'])
    await target.auth.users.setActive(userId, true, { actor: 'test' })
    expectUnauthorized(await me(access), 'invalid_token')
  })

  test('A-043 a planted token is never taken over by a sign-in', async () => {
    const planted = 'refresh_token=lkr_AAAA.AAAAAAAAAAAAAAAAAAAAAA.0.AAAA'
    const { refresh: attackers } = await target.signIn()
    for (const cookie of [planted, `refresh_token=${attackers}`]) {
      const { headers } = await target.ask('POST', '/auth/login', {
        headers: ['Sec-Fetch-Site', 'same-origin', 'Cookie', cookie],
        body: target.ada,
      })
      const given = headers['set-cookie']?.[0] ?? ''
      expect(given).toMatch(/^refresh_token=lkr_/)
      expect(given).not.toContain(cookie)
    }
  })

  test('A-045 ten thousand guesses are refused without asking the store', async () => {
    await target.close()
    const store = memoryStore()
    let asked = 0
    const counting = {
      ...store,
      sessions: {
        ...store.sessions,
        find: (id: string) => {
          asked += 1
          return store.sessions.find(id)
        },
      },
      transaction: <Result>(work: Parameters<typeof store.transaction<Result>>[0]) => {
        asked += 1
        return store.transaction(work)
      },
    }
    target = await startTarget({ store: counting })
    const { refresh: token } = await target.signIn()
    const [key, session] = token.split('.')
    asked = 0
    for (let count = 0; count < 10_000; count += 1) {
      const tail = Buffer.from(
        Array.from({ length: 40 }, () => Math.floor(Math.random() * 256)),
      ).toString('base64url')
      await expect(
        target.auth.refresh(
          `${key}.${session}.${count.toString(36)}.${tail}A`.slice(0, token.length),
          {},
        ),
      ).rejects.toMatchObject({ code: 'invalid_token' })
    }
    expect(asked).toBe(0)
    expect((await refresh(token)).status).toBe(200)
    expect(asked).toBeGreaterThan(0)
  })

  test('A-047, A-048 a session that is used daily ends on its day, purged or not', async () => {
    let { refresh: token } = await target.signIn()
    for (let day = 0; day < 29; day += 1) {
      target.clock.advance('1d')
      const { status, json } = await refresh(token)
      expect(status).toBe(200)
      token = json.refresh_token
    }
    target.clock.advance('1d')
    expectUnauthorized(await refresh(token), 'session_expired')
  })

  test('A-049, A-161 other people’s sessions are not there', async () => {
    const ada = await target.signIn()
    const other = await register()
    const { json } = await target.ask('GET', '/auth/sessions', { token: other.access_token })
    const id = json.sessions[0].id
    for (const one of [
      id,
      '00000000-0000-7000-8000-000000000000',
      'x',
      id.toUpperCase(),
      `${id}%00`,
      '__proto__',
    ]) {
      const answer = await target.ask('DELETE', `/auth/sessions/${one}`, { token: ada.access })
      expect(answer.status).toBe(404)
    }
    expect(
      (
        await target.ask('DELETE', `/auth/sessions/${id}?user_id=${other.user.id}`, {
          token: ada.access,
        })
      ).status,
    ).toBe(404)
    expect((await me(other.access_token)).status).toBe(200)
    expect((await refresh(other.refresh_token)).status).toBe(200)
  })

  test('A-050 what is shown of people and sessions holds no secret', async () => {
    const grant = await register()
    for (const path of ['/auth/me', '/auth/sessions']) {
      const { text, headers } = await target.ask('GET', path, { token: grant.access_token })
      expect(text).not.toMatch(names)
      expect(headers['cache-control']).toBe('no-store')
    }
    expect(JSON.stringify(grant.user)).not.toMatch(names)
    const claims = Buffer.from(grant.access_token.split('.')[1], 'base64url').toString()
    expect(claims).not.toMatch(/eve|example\.org|password|email/i)
    expect(JSON.stringify(target.events)).not.toMatch(/argon2|lkr_|eyJ|correct horse/)
  })

  test('A-051 a new password ends all other sessions, and this one goes on', async () => {
    const [one, two] = [await target.signIn(), await target.signIn()]
    await me(two.access)
    const changed = await target.ask('POST', '/auth/password/change', {
      token: one.access,
      body: { current_password: target.ada.password, new_password: 'another long password 4711' },
    })
    expect(changed.status).toBe(200)
    expectUnauthorized(await me(two.access), 'invalid_token')
    expectUnauthorized(await refresh(two.refresh), 'session_revoked')
    expect((await me(changed.json.access_token)).status).toBe(200)
    expect((await refresh(changed.json.refresh_token)).status).toBe(200)
    expect((await target.ask('POST', '/auth/login', { body: target.ada })).status).toBe(401)
  })

  test('A-046 a refresh token in the address is no credential', async () => {
    const { refresh: token } = await target.signIn()
    expectUnauthorized(
      await target.ask('POST', `/auth/refresh?refresh_token=${token}`),
      'missing_token',
    )
    expectUnauthorized(await target.ask('POST', '/auth/refresh', { token }), 'missing_token')
    expect((await target.ask('GET', `/auth/refresh?refresh_token=${token}`)).status).toBe(405)
    expect((await refresh(token)).status).toBe(200)
  })
})
