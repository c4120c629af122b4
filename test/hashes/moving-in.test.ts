import { beforeAll, describe, expect, test } from 'vitest'
import { firebaseHash } from '../../src/features/passwords/kinds/firebase.js'
import { guessWeakHash, wrapWeakHash } from '../../src/features/passwords/weak-hashes.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import fixtures from '../fixtures/hashes/vectors.json' with { type: 'json' }
import { openPasswords } from './passwords.js'

/** One hash of each kind, as an import leaves it. */
type Old = { kind: string; password: string; hash: string }
const old: Old[] = fixtures.vectors.filter(
  ({ kind }, index, all) => all.findIndex((other) => other.kind === kind) === index,
)
const kinds = [...old.map(({ kind }) => kind), 'Firebase scrypt', 'wrapped md5']
const { deps } = openPasswords()

beforeAll(async () => {
  const fromFirebase = fixtures.firebase.at(-1)
  const weak = guessWeakHash(fixtures.weak[0]?.hash ?? '')
  if (fromFirebase === undefined || weak === undefined) throw new Error('The fixtures lack some')
  const { user, project, password } = fromFirebase
  old.push({ kind: 'Firebase scrypt', password, hash: firebaseHash(user, project) ?? '' })
  const { password: typed } = fixtures
  old.push({ kind: 'wrapped md5', password: typed, hash: await wrapWeakHash(weak, deps) })
})

/** Ada, whose hash comes from another system. */
const moveIn = async (kind: string) => {
  const found = old.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`There is no ${kind}`)
  const { auth, ada, events } = await createTestAuth()
  const user = await auth.store.users.findByEmail(ada.email)
  if (user?.passwordHash == null) throw new Error('Ada is not there')
  const { id } = user
  await auth.store.users.replacePasswordHash(id, user.passwordHash, found.hash, new Date(0))
  const { email } = ada
  return {
    auth,
    hash: found.hash,
    credentials: { email, password: found.password },
    hashNow: async () => (await auth.store.users.find(id))?.passwordHash ?? '',
    countOf: (type: string) => events.filter((event) => event.type === type).length,
  }
}
const isNew = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

describe('an account with a hash of another system', () => {
  test.each(kinds)('%s: a wrong password leaves it, the right one rewrites it', async (kind) => {
    const { auth, hash, credentials, hashNow, countOf } = await moveIn(kind)

    await expect(auth.login({ ...credentials, password: 'wrong' }, {})).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    expect(await hashNow()).toBe(hash)
    await auth.login(credentials, {})
    const rewritten = await hashNow()
    expect(rewritten).toMatch(isNew)
    await auth.login(credentials, {})
    expect(await hashNow()).toBe(rewritten)
    expect(countOf('password.rehashed')).toBe(1)
  })

  const some = ['bcrypt', 'sha512-crypt', 'better-auth scrypt', 'wrapped md5']

  test.each(some)('%s: of logins at one moment all come in and one rewrites it', async (kind) => {
    const { auth, credentials, hashNow, countOf } = await moveIn(kind)
    const grants = await Promise.all([1, 2, 3].map(() => auth.login(credentials, {})))

    for (const { accessToken } of grants) {
      await expect(auth.authenticate(accessToken)).resolves.toBeDefined()
    }
    expect(await hashNow()).toMatch(isNew)
    expect(countOf('password.rehashed')).toBe(1)
    expect(countOf('login.succeeded')).toBe(3)
  })
})
