import { expectTypeOf, test } from 'vitest'
import {
  type Auth,
  AuthError,
  type AuthEvent,
  type AuthOptions,
  type Credentials,
  type catalogue,
  createAuth,
  type ErrorCode,
  type EventType,
  type Grant,
  type PlaintextHostUser,
  type Profile,
  type SessionStore,
  type SignedIn,
  type Store,
  type User,
  type UserStore,
  usersFrom,
  withPorts,
} from '../../src/index.js'
import { memoryStore } from '../../src/stores/memory/memory.js'

/** Checked by tsc, which the test command runs first: an expected error that does not come is an error. */
const store = memoryStore()

test('refusals are a closed list', () => {
  expectTypeOf<ErrorCode>().toEqualTypeOf<keyof typeof catalogue>()
  expectTypeOf<'invalid_credentials'>().toExtend<ErrorCode>()
  expectTypeOf<string>().not.toExtend<ErrorCode>()
  expectTypeOf(new AuthError('not_found').code).toEqualTypeOf<ErrorCode>()
  // @ts-expect-error there is no such refusal
  const wrong = () => new AuthError('not_fond')
  expectTypeOf(wrong).toBeFunction()
})

test('every refusal can be told apart by its code', () => {
  const words = (code: 'invalid_credentials' | 'overloaded'): string => {
    switch (code) {
      case 'invalid_credentials':
        return 'no'
      case 'overloaded':
        return 'later'
    }
  }
  expectTypeOf(words).returns.toBeString()
})

test('options are typed, all but the store may be left out', () => {
  expectTypeOf(createAuth({ store })).toEqualTypeOf<Auth>()
  // @ts-expect-error a store is needed
  const empty: AuthOptions = {}
  // @ts-expect-error there is no such option
  const misspelt: AuthOptions = { store, baseURL: 'https://id.example.com' }
  // @ts-expect-error lengths are text such as 15m
  const number: AuthOptions = { store, tokens: { expires: 900 } }
  // @ts-expect-error there is no such policy
  const policy: AuthOptions = { store, passwords: { policy: 'strong' } }
  // @ts-expect-error there is no such algorithm
  const algorithm: AuthOptions = { store, tokens: { algorithm: 'none' } }
  expectTypeOf([empty, misspelt, number, policy, algorithm]).not.toBeAny()
})

test('a login names one account, by address or by username', () => {
  expectTypeOf<{ email: string; password: string }>().toExtend<Credentials>()
  expectTypeOf<{ username: string; password: string }>().toExtend<Credentials>()
  expectTypeOf<{ password: string }>().not.toExtend<Credentials>()
  expectTypeOf<{ email: string; username: string; password: string }>().not.toExtend<Credentials>()
  expectTypeOf<Auth['login']>().returns.resolves.toEqualTypeOf<Grant>()
})

test('a grant holds two tokens, their lengths, and a user who may be shown', () => {
  expectTypeOf<Grant>().toEqualTypeOf<{
    accessToken: string
    expiresInSeconds: number
    refreshToken: string
    refreshExpiresInSeconds: number
    isTraded?: true
    user?: Profile
    device?: string
  }>()
  expectTypeOf<Profile>().not.toHaveProperty('passwordHash')
  expectTypeOf<User>().toHaveProperty('passwordHash')
  expectTypeOf<Auth['authenticate']>().returns.resolves.toEqualTypeOf<SignedIn>()
})

test('each port of a store may be replaced by one that does the same', () => {
  const sessions: SessionStore = store.sessions
  expectTypeOf(withPorts(store, { sessions })).toEqualTypeOf<Store>()
  expectTypeOf(withPorts(store, { users: usersFrom(() => undefined) })).toEqualTypeOf<Store>()
  // @ts-expect-error half a port
  withPorts(store, { users: { find: store.users.find } })
  // @ts-expect-error there is no such port
  withPorts(store, { customers: store.users })
})

test('users of the host need a name and a hash', () => {
  expectTypeOf(usersFrom(async () => undefined)).toEqualTypeOf<UserStore>()
  usersFrom(() => ({ username: 'alice', passwordHash: '$argon2id$…', role: 'admin' }))
  // @ts-expect-error without a hash nobody could sign in
  usersFrom(() => ({ username: 'alice', password: 'secret' }))
  const plaintext = (): PlaintextHostUser => ({ username: 'alice', password: 'secret' })
  usersFrom(plaintext, { allowPlaintextPasswords: true })
  // @ts-expect-error the permission is given, or not asked for
  usersFrom(plaintext, { allowPlaintextPasswords: false })
})

test('events are told by name', () => {
  expectTypeOf<AuthEvent['type']>().toEqualTypeOf<EventType>()
  expectTypeOf<'login.succeeded'>().toExtend<EventType>()
  expectTypeOf<string>().not.toExtend<EventType>()
})

test('claims of the host’s own are made from a user', () => {
  const options: AuthOptions = {
    store,
    tokens: { claims: ({ roles }) => ({ plan: roles.length }) },
  }
  expectTypeOf(options.tokens?.claims).parameter(0).toEqualTypeOf<User>()
})
