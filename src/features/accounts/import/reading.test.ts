import { describe, expect, test } from 'vitest'
import { proposeMapping } from './mapping.js'
import { type RowRules, readRow } from './read-row.js'
import { instantOf, rolesOf, textOf, truthOf } from './values.js'

const now = new Date('2026-03-04T05:06:07.089Z')
const bcrypt = '$2b$12$abcdefghijklmnopqrstuuEyy7oSHSY7e0wRkqAGkzKkkE0uWQKLe'
const md5 = '5f4dcc3b5aa765d61d8327deb882cf99'
const none = new Map<string, 'ignore'>()

const rules = (part: Partial<RowRules> = {}): RowRules => ({
  mapping: {
    ...({ id: 'id', email: 'email', username: 'username', password: 'password' } as const),
    ...({ salt: 'salt', first_name: 'first_name', last_name: 'last_name', name: 'name' } as const),
    ...({ is_active: 'is_active', disabled: 'disabled', roles: 'roles' } as const),
    created_at: 'created_at',
  },
  emails: 'folded',
  now,
  withoutPassword: false,
  wrap: undefined,
  plaintext: false,
  ...part,
})
const good = { id: 7, email: 'Ada@Example.com', password: bcrypt }

describe('values', () => {
  test.each([
    ['2024-01-02T03:04:05Z', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02 03:04:05.678901', '2024-01-02T03:04:05.678Z'],
    ['2024-01-02 03:04:05+02', '2024-01-02T01:04:05.000Z'],
    ['2024-01-02 03:04:05.5 +0230', '2024-01-02T00:34:05.500Z'],
    ['2024-01-02 03:04:05 UTC', '2024-01-02T03:04:05.000Z'],
    ['2024-01-02', '2024-01-02T00:00:00.000Z'],
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    [1700000000.5, '2023-11-14T22:13:20.500Z'],
    ['1700000000123', '2023-11-14T22:13:20.123Z'],
    [1700000000123n, '2023-11-14T22:13:20.123Z'],
    [new Date(5), '1970-01-01T00:00:00.005Z'],
    [{ $date: '2024-01-02T03:04:05Z' }, '2024-01-02T03:04:05.000Z'],
    [{ $date: { $numberLong: '1700000000123' } }, '2023-11-14T22:13:20.123Z'],
  ])('the time %s is %s', (value, instant) => {
    expect(instantOf(value)?.toISOString()).toBe(instant)
  })

  test.each(['yesterday', '2024-13-01', '01/02/2024', '99999999999999999999', {}, true, 'NaN'])(
    '%j is no time',
    (value) => {
      expect(() => instantOf(value)).toThrow()
    },
  )

  test.each([
    [1, true],
    ['t', true],
    ['Yes', true],
    [Buffer.from([1]), true],
    ['2024-01-02 03:04:05', true],
    [Buffer.from([0]), false],
    [0, false],
    ['false', false],
    ['', undefined],
    [null, undefined],
  ])('the truth of %j is %s', (value, truth) => {
    expect(truthOf(value)).toBe(truth)
  })

  test.each([
    ['admin', ['admin']],
    ['admin, staff', ['admin', 'staff']],
    ['["a,b"]', ['a,b']],
    ['{a,"b"}', ['a', 'b']],
    [['a', 'a', null], ['a']],
    [null, []],
  ])('the roles in %j are %j', (value, roles) => {
    expect(rolesOf(value)).toEqual(roles)
  })

  test('ids of MongoDB as mongoexport writes them are texts', () => {
    expect(textOf({ $oid: '64b7f0c2a1b2c3d4e5f60718' })).toBe('64b7f0c2a1b2c3d4e5f60718')
    expect(() => textOf({ other: 1 })).toThrow()
  })
})

describe('a row', () => {
  test('keeps its id and its hash, and gets what it does not have', () => {
    expect(readRow(good, rules())).toMatchObject({
      hasId: true,
      user: {
        ...{ id: '7', email: 'Ada@Example.com', canonicalEmail: 'ada@example.com' },
        ...{ username: null, passwordHash: bcrypt, emailVerified: false, isActive: true },
        ...{ roles: [], createdAt: now, updatedAt: now, lastLoginAt: null },
      },
    })
  })

  test('is active unless one of its columns says otherwise', () => {
    const isActive = (values: object): boolean | undefined => {
      const read = readRow({ ...good, ...values }, rules())
      return 'user' in read ? read.user.isActive : undefined
    }

    expect(isActive({ is_active: 0 })).toBe(false)
    expect(isActive({ disabled: 'true' })).toBe(false)
    expect(isActive({ is_active: 1, disabled: 0 })).toBe(true)
    expect(isActive({ is_active: null })).toBe(true)
  })

  test.each([
    ['no_identity', { email: '' }],
    ['invalid_email', { email: 'nope' }],
    ['invalid_username', { username: 'ada@b.de' }],
    ['invalid_id', { id: 'x'.repeat(65) }],
    ['invalid_id', { id: 'a\u0000' }],
    ['invalid_name', { first_name: 'x'.repeat(101) }],
    ['invalid_time', { created_at: 'then' }],
    ['invalid_is_active', { is_active: 'perhaps' }],
    ['invalid_roles', { roles: '[1' }],
    ['invalid_roles', { roles: 'super user' }],
    ['invalid_username', { username: ' ada' }],
    ['unknown_hash', { password: 'hunter2' }],
    ['weak_hash: md5', { password: md5 }],
    ['too_costly_hash: bcrypt', { password: bcrypt.replace('$12$', '$31$') }],
    ['invalid_password', { password: { constructor: 1 } }],
  ])('stays out for %s', (reason, values) => {
    const refusal = readRow({ ...good, ...values }, rules())

    expect(refusal).toMatchObject({ reason })
    expect(JSON.stringify(refusal)).not.toMatch(/hunter2|5f4dcc|\$2b/)
  })

  test.each(['', null, '!abc', '*'])('with the password %j has none', (password) => {
    expect(readRow({ ...good, password }, rules())).toMatchObject({ user: { passwordHash: null } })
  })

  test('with a hash that cannot be used comes in without one only if that was said', () => {
    const read = readRow({ ...good, password: 'hunter2' }, rules({ withoutPassword: true }))

    expect(read).toMatchObject({ user: { passwordHash: null }, password: { hash: null } })
  })

  test('with a weak digest is wrapped only as what was said, with the salt on the side that was said', () => {
    const wrapOf = (values: object, wrap: RowRules['wrap']): unknown => {
      const read = readRow({ ...good, password: md5, ...values }, rules({ wrap }))
      return 'password' in read ? read.password.weak : read.reason
    }

    expect(wrapOf({}, { digest: 'md5', order: 'password' })).toMatchObject({ hex: md5 })
    expect(wrapOf({}, { digest: 'sha1', order: 'password' })).toBe('weak_hash: md5')
    expect(wrapOf({}, { digest: 'md5', order: 'salt-password' })).toBe('weak_hash: md5')
    expect(wrapOf({ salt: 's' }, { digest: 'md5', order: 'salt-password' })).toMatchObject({
      order: 'salt-password',
      salt: 's',
    })
  })

  test('whose names stand in one column keeps them as the first', () => {
    expect(readRow({ ...good, name: 'Ada Lovelace' }, rules())).toMatchObject({
      user: { firstName: 'Ada Lovelace', lastName: null },
    })
  })
})

describe('a mapping', () => {
  test.each([
    ['username', ['username', 'password', 'role'], { username: 'username', roles: 'role' }],
    [
      'cookie',
      ['user_id', 'email', 'password_hash', 'first_name', 'last_name', 'created_at', 'disabled'],
      { id: 'user_id', first_name: 'first_name', disabled: 'disabled' },
    ],
    [
      'strict',
      ['id', 'email', 'hashed_password', 'created_at', 'updated_at'],
      { id: 'id', password: 'hashed_password' },
    ],
    [
      'flat',
      ['_id', 'email', 'password_hash', 'is_active', 'created_at', 'refresh_tokens'],
      { id: '_id', is_active: 'is_active' },
    ],
    [
      'envelope',
      [
        ...['id', 'email', 'username', 'password_hash', 'provider', 'provider_id', 'is_active'],
        ...['created_at', 'updated_at', 'last_login'],
      ],
      {
        first_name: 'username',
        last_login_at: 'last_login',
        provider: 'provider',
        subject: 'provider_id',
      },
    ],
  ])('of the service of %s is recognised', (profile, columns, mapping) => {
    const proposal = proposeMapping(columns, none)

    expect(proposal).toMatchObject({ profile, mapping, questions: [] })
    if (profile === 'envelope') expect(proposal.mapping).not.toHaveProperty('username')
  })

  test.each([
    [
      ['id', 'email', 'password', 'is_superuser', 'date_joined', 'last_login'],
      { created_at: 'date_joined', last_login_at: 'last_login' },
    ],
    [
      ['localId', 'email', 'emailVerified', 'passwordHash', 'salt', 'displayName', 'disabled'],
      { id: 'localId', email_verified: 'emailVerified', name: 'displayName', salt: 'salt' },
    ],
  ])('of %j is seen by usual names', (columns, mapping) => {
    expect(proposeMapping(columns, none)).toMatchObject({ mapping, questions: [] })
  })

  test('that is not clear is asked for with the words to add', () => {
    const columns = ['id', 'email', 'password', 'password_hash']

    expect(proposeMapping(columns, none).questions).toEqual([
      'Several columns may hold password: password, password_hash. Add --map password=password or --map password_hash=password',
    ])
    expect(
      proposeMapping(columns, new Map([['password_hash', 'password' as const]])),
    ).toMatchObject({
      mapping: { password: 'password_hash' },
      ignored: ['password'],
      questions: [],
    })
    expect(proposeMapping(columns, new Map([['password', 'ignore' as const]])).questions).toEqual(
      [],
    )
    expect(proposeMapping(['a', 'b'], none).questions).toEqual([
      expect.stringContaining('--map <column>=email'),
      expect.stringContaining('--map <column>=password'),
    ])
    expect(proposeMapping(['email', 'b'], none, { withoutPassword: true }).questions).toEqual([])
  })
})
