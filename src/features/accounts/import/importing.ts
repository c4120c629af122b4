import { AuthError } from '../../../errors.js'
import type { Caller } from '../../../lib/caller.js'
import type { Clock } from '../../../lib/clock.js'
import type { EmailRule } from '../../../lib/email-address.js'
import { createId } from '../../../lib/id.js'
import type { Store } from '../../../stores/store.js'
import type { Events } from '../../events/events.js'
import type { Identity, IdentityStore } from '../../oauth/store.js'
import type { HashSettings } from '../../passwords/algorithms.js'
import type { HashGate } from '../../passwords/hashing.js'
import type { Passwords } from '../../passwords/passwords.js'
import { wrapWeakHash } from '../../passwords/weak-hashes.js'
import type { HashWorkers } from '../../passwords/workers.js'
import { createIds, type IdKind } from '../ids.js'
import type { Addition, User } from '../store.js'
import { patiently } from './patiently.js'
import type { ReadIdentity } from './read-identities.js'
import { type ReadRow, type Refusal, type RowRules, readRow } from './read-row.js'

/** Importing: accounts of another place come in, many at once, each at most once, with their ids and hashes. */
type Deps = {
  store: Pick<Store, 'users' | 'identities'>
  events: Events
  clock: Clock
  settings: { ids: IdKind; emails: EmailRule; hashing: HashSettings }
  passwords: Pick<Passwords, 'hash'>
  gate: HashGate
  workers: HashWorkers
  /** Passwords that are hashed at a time: as many as the gate lets run. */
  atOnce: number
}

/** What became of a row. Logins at providers come in with their account, or not at all. */
export type Added = {
  outcome: Addition
  /** Logins that came in. */
  linked: number
  /** Those that belong to another account already. */
  taken: number
}

export const createImporting = (deps: Deps) => {
  const { store, events, clock, settings, passwords, gate, workers, atOnce } = deps
  const { emails, hashing } = settings
  const newId = createIds({ users: store.users, kind: settings.ids })
  let highest = 0

  /** A row of another place as an account, or why it cannot be one. */
  const read = (
    values: Readonly<Record<string, unknown>>,
    rules: Omit<RowRules, 'emails' | 'now'>,
  ): ReadRow | Refusal => readRow(values, { ...rules, emails, now: clock() })

  /** What `add` would answer now. */
  const rehearse = async (rows: readonly ReadRow[]): Promise<readonly Added[]> =>
    withLinks(rows, await foresee(rows), async ({ identity: { provider, subject } }) => {
      return (await store.identities.find(provider, subject)) === undefined
    })

  const foresee = (rows: readonly ReadRow[]): Promise<readonly Addition[]> => {
    const { tryMany } = requireVerbs(store.users)
    return tryMany(rows.map(({ user }, index) => withStandIn(user, index)))
  }

  /**
   * Adds those that are in nobody's way: in one transaction, with one event that counts them. Who is there already stays as
   * they are, so the same rows may come again.
   */
  const add = async (rows: readonly ReadRow[], caller: Caller): Promise<readonly Added[]> => {
    const { addMany } = requireVerbs(store.users)
    await raiseNumber(rows)
    const hopes = rows.some(needsHash) ? await foresee(rows) : undefined
    const users: User[] = []
    for (let at = 0; at < rows.length; at += atOnce) {
      const some = rows.slice(at, at + atOnce)
      users.push(
        ...(await Promise.all(some.map((row, index) => complete(row, hopes?.[at + index])))),
      )
    }
    return events.commit(async ({ users: port, identities, record }) => {
      const additions = await (port.addMany ?? addMany)(users)
      const count = additions.filter((each) => each === 'created').length
      if (count > 0) await record('accounts.imported', caller, { details: { count } })
      return withLinks(rows, additions, ({ identity, index }) => {
        const user = users[index]
        return user === undefined ? false : link(identities, user, identity)
      })
    })
  }

  const link = (identities: IdentityStore, user: User, read: ReadIdentity): Promise<boolean> => {
    const { createdAt = user.createdAt, lastUsedAt = user.lastLoginAt ?? createdAt } = read
    const identity: Identity = {
      ...read,
      id: createId(clock()),
      userId: user.id,
      sealedTokens: null,
      createdAt,
      lastUsedAt,
    }
    return identities.insertIfAbsent(identity)
  }

  /** Ids that count go on above those that have come in. */
  const raiseNumber = async (rows: readonly ReadRow[]): Promise<void> => {
    const before = highest
    for (const { user, hasId } of rows)
      if (hasId && /^[1-9]\d{0,14}$/.test(user.id)) highest = Math.max(highest, Number(user.id))
    if (highest > before) await store.users.raiseNumber?.(highest)
  }

  /** A hash is made only for who will come in: it takes as long as a login. */
  const complete = async (row: ReadRow, hope: Addition | undefined): Promise<User> => {
    const { user, hasId, password } = row
    const username = user.username ?? undefined
    const id = hasId ? user.id : await newId({ username, now: clock() })
    if ((hope ?? 'created') !== 'created' || !needsHash(row)) return { ...user, id }
    const { weak, plain = '' } = password
    const passwordHash = await patiently(() =>
      weak
        ? wrapWeakHash(weak, { hashing, gate, workers })
        : passwords.hash(plain, 'administration'),
    )
    return { ...user, id, passwordHash }
  }

  return { read, rehearse, add }
}
export type Importing = ReturnType<typeof createImporting>

type Link = { identity: ReadIdentity; index: number }

/** Only of who comes in now: who was there already may have unlinked theirs since. */
const withLinks = async (
  rows: readonly ReadRow[],
  additions: readonly Addition[],
  isLinked: (link: Link) => Promise<boolean> | boolean,
): Promise<Added[]> => {
  const added: Added[] = []
  for (const [index, { identities }] of rows.entries()) {
    const outcome = additions[index] ?? 'present'
    const one: Added = { outcome, linked: 0, taken: 0 }
    for (const identity of outcome === 'created' ? identities : [])
      one[(await isLinked({ identity, index })) ? 'linked' : 'taken'] += 1
    added.push(one)
  }
  return added
}

const needsHash = ({ password }: ReadRow): boolean =>
  password.weak !== undefined || password.plain !== undefined

/** Who has no id yet is in nobody's way by it: this one is longer than any that is kept. */
const withStandIn = (user: User, index: number): User =>
  user.id === '' ? { ...user, id: `${'-'.repeat(65)}${index}` } : user

/** @throws AuthError `registration_closed` where accounts live in a place of the host's own */
const requireVerbs = ({ addMany, tryMany }: Store['users']) => {
  if (addMany === undefined || tryMany === undefined) throw new AuthError('registration_closed')
  return { addMany, tryMany }
}
