import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectHealthy, startTarget, type Target } from './target.js'

/** S-52: who one may become by asking. */
const password = 'correct horse battery'

/** Names under which frameworks keep what nobody may choose for himself. */
const privileged: Readonly<Record<string, unknown>> = {
  role: 'admin',
  roles: ['admin'],
  is_admin: true,
  isAdmin: true,
  admin: true,
  is_staff: true,
  is_superuser: true,
  superuser: true,
  permissions: ['*'],
  scopes: ['admin'],
  groups: ['admin'],
  group_id: 1,
  is_active: false,
  isActive: true,
  active: true,
  enabled: true,
  disabled: false,
  status: 'active',
  verified: true,
  email_verified: true,
  emailVerified: true,
  is_verified: true,
  email_confirmed_at: '2020-01-01T00:00:00Z',
  confirmed: true,
  id: '01900000-0000-7000-8000-000000000000',
  _id: 'x',
  user_id: 'role:admin',
  userId: 'x',
  uid: 0,
  sub: 'x',
  password_hash: '$argon2id$',
  passwordHash: 'x',
  hash: 'x',
  salt: 'x',
  canonical_email: 'ada@example.com',
  created_at: '1970-01-01T00:00:00Z',
  updated_at: 1,
  last_login_at: null,
  deleted_at: null,
  mfa_enabled: false,
  totp_secret: 'x',
  failed_attempts: 0,
  locked_until: null,
  tenant_id: 1,
  organization_id: 1,
  provider: 'google',
  plan: 'pro',
  credits: 1e9,
  token_version: 0,
  constructor: { prototype: { role: 'admin' } },
  prototype: {},
  toString: 'x',
  hasOwnProperty: 1,
}

describe('registration', () => {
  let target: Target
  let count = 0

  beforeAll(async () => {
    target = await startTarget()
  })
  afterAll(async () => {
    await expectHealthy(target)
    await target.close()
  })

  const register = (body: object) => target.ask('POST', '/auth/register', { body })
  const fresh = () => {
    count += 1
    return `someone${count}@example.net`
  }

  test('S-52, A-080, A-081, A-082, A-098 no field beyond the named ones, anywhere', async () => {
    const { access } = await target.signIn()
    const before = (await target.ask('GET', '/auth/me', { token: access })).text
    expect(Object.keys(privileged).length).toBeGreaterThan(43)
    for (const [name, value] of Object.entries(privileged)) {
      const answers = [
        await register({ email: 'mass@example.net', password, [name]: value }),
        await target.ask('PATCH', '/auth/me', {
          token: access,
          body: { first_name: 'Eve', [name]: value },
        }),
        await target.ask('POST', '/auth/login', { body: { ...target.ada, [name]: value } }),
        await target.ask('POST', '/auth/password/change', {
          token: access,
          body: { current_password: target.ada.password, new_password: password, [name]: value },
        }),
        await target.ask('POST', '/auth/logout', { token: access, body: { [name]: value } }),
        await target.ask('POST', '/auth/refresh', { body: { refresh_token: 'x', [name]: value } }),
        await target.ask('DELETE', '/auth/me', {
          token: access,
          body: { password: target.ada.password, [name]: value },
        }),
      ]
      for (const { status, json } of answers)
        expect([name, status, json.errors?.[0]]).toEqual([
          name,
          422,
          { field: name, code: 'unknown_field', detail: expect.any(String) },
        ])
    }
    expect((await target.ask('GET', '/auth/me', { token: access })).text).toBe(before)
    expect(await target.auth.store.users.findByEmail('mass@example.net')).toBeUndefined()
  })

  test('a profile change cannot touch what is not the owner’s to change', async () => {
    const { access, userId } = await target.signIn()
    for (const body of [{ email: 'x@example.net' }, { password: 'x' }, { roles: ['admin'] }]) {
      expect((await target.ask('PATCH', '/auth/me', { token: access, body })).status).toBe(422)
    }
    for (const path of ['/auth/me?user_id=1&roles=admin', '/auth/me?id=other']) {
      const { json } = await target.ask('GET', path, {
        token: access,
        headers: ['X-User-Id', 'other', 'X-Original-URL', '/admin', 'X-Rewrite-URL', '/admin'],
      })
      expect([json.id, json.roles]).toEqual([userId, []])
    }
  })

  test('A-079 one address many times at once, in every case: one account', async () => {
    const spellings = [
      'twin@example.net',
      'TWIN@example.net',
      'Twin@EXAMPLE.net',
      'tWIN@example.NET',
    ]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => register({ email: spellings[index % 4], password })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
  })

  test('A-083 twins of an address are somebody else or nobody', async () => {
    for (const email of [
      '\u0131da@example.com',
      'ad\u0430@example.com',
      'ada@ex\u0430mple.com',
      '\uff41da@example.com',
      'ada@example\uff0ecom',
      'ada\uff20example.com',
      'ad\u00e1@example.com',
      'ADA@EXAMPLE.COM',
      'ada@example.com ',
      ' ada@example.com',
      'ada@exa\u00admple.com',
      'ada@e\u034fxample.com',
      'ada\u200b@example.com',
      '"ada"@example.com',
    ]) {
      const { status, json } = await register({ email, password })
      expect([email, status]).toEqual([
        email,
        /^[A-Z@.]+$/.test(email) ? 409 : email.startsWith('ada@ex\u0430') ? 201 : 422,
      ])
      const login = await target.ask('POST', '/auth/login', {
        body: { email, password: target.ada.password },
      })
      expect([email, login.status]).toEqual([
        email,
        /^[A-Z@.]+$/.test(email) ? 200 : status === 201 ? 401 : 422,
      ])
      if (status === 201) expect(json.user.email).toBe(email)
    }
  })

  test('A-092, A-099 usernames are plain, and two cases are one', async () => {
    for (const username of [
      '',
      'ab',
      '-ab',
      'ab-',
      '.ab',
      'a b',
      'a@b.com',
      'ädä',
      'a\0b',
      'a\u202eb',
      'a\u200bb',
      'a\nb',
      'a'.repeat(65),
      '\uff41bc',
      'ab\u0131',
      'a/b',
      'a%b',
      'a\\b',
      '   ',
      'a,b',
      '<b>',
    ]) {
      const { status } = await register({ email: fresh(), password, username })
      expect([username, status]).toEqual([username, username === '' ? status : 422])
    }
    expect((await register({ email: fresh(), password, username: 'Grace.Hopper' })).status).toBe(
      201,
    )
    expect((await register({ email: fresh(), password, username: 'grace.HOPPER' })).json.code).toBe(
      'username_taken',
    )
  })

  test('A-087, A-089, S-50 names are kept as they are, on one line, and not endless', async () => {
    for (const name of [
      '<b>Ada</b>',
      '<script>alert(1)</script>',
      '{{7*7}}',
      '<%= 7*7 %>',
      '=1+1',
      "O'Neill",
      '李小龍',
      'Zoë',
    ]) {
      const { json } = await register({ email: fresh(), password, first_name: name })
      expect(json.user.first_name).toBe(name)
    }
    for (const name of [
      'a\nb',
      'a\r\nBcc: x@y.com',
      'a\0',
      '\u001b[31mred',
      'a\u2028b',
      'a\u2029b',
      'a\u202eb',
      'a\u2066b',
      '\ud800',
      'x'.repeat(101),
      'x'.repeat(1_025),
    ]) {
      expect([
        name,
        (await register({ email: fresh(), password, first_name: name })).status,
      ]).toEqual([name, 422])
    }
  })
})
