import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { type EmailAddress, type EmailRule, parseEmailAddress } from '../../lib/email-address.js'
import type { Log } from '../../lib/log.js'
import type { Store } from '../../stores/store.js'
import type { Accounts } from '../accounts/accounts.js'
import type { User } from '../accounts/store.js'
import type { Events } from '../events/events.js'
import type { Enter, Way } from '../login/enter.js'
import type { Grant } from '../sessions/grant.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import type { IdentityRecords } from './identity-records.js'
import type { ConfiguredProvider, Proof } from './providers.js'
import type { Identity } from './store.js'

/**
 * Coming in through a provider. The subject decides whose account it is; an address only where both sides have confirmed it
 * (docs/decisions/0024-sign-ins-under-way.md).
 */
type Deps = {
  store: Pick<Store, 'users' | 'identities'>
  events: Events
  clock: Clock
  log: Log
  accounts: Pick<Accounts, 'blank'>
  sessions: Pick<Sessions, 'endAllIn'>
  live: LiveSessions
  enter: Enter
  records: IdentityRecords
  emails: EmailRule
}

type Provider = Pick<ConfiguredProvider, 'name' | 'title'>
export type Arrival = { provider: Provider; proof: Proof; claim?: true | undefined }

/** Who somebody is that a provider has named, and by which of their logins that is known. */
export type Vouched = { userId: string; identityId: string; provider: string }

export const createProviderLogin = (deps: Deps) => {
  const { store, events, clock, log, accounts, sessions, live, enter, records, emails } = deps

  /**
   * Who has come through a provider: known already, met by a confirmed address, or new.
   *
   * @throws AuthError `account_exists`, `account_disabled`, `provider_email_missing`, `registration_closed`
   */
  const recognise = async (arrival: Arrival, caller: Caller): Promise<Vouched> => {
    const { provider, proof } = arrival
    // who loses a race against themselves is known the second time
    for (let tries = 3; tries > 0; tries -= 1) {
      const known = await store.identities.find(provider.name, proof.person.subject)
      const user = known && (await ownerOf(known))
      if (known && user) {
        await refresh(known, user, arrival, caller)
        return vouchedBy(known)
      }
      const met = await meet(arrival, caller)
      if (met !== undefined) return met
    }
    throw new Error('An identity was neither found nor added')
  }

  /** An account may have been removed where its identities are not known: those belong to nobody. */
  const ownerOf = async (identity: Identity): Promise<User | undefined> => {
    const user = await store.users.find(identity.userId)
    if (user === undefined) await store.identities.removeAll(identity.userId)
    return user
  }

  const meet = async (arrival: Arrival, caller: Caller): Promise<Vouched | undefined> => {
    const { provider, proof, claim } = arrival
    const { person } = proof
    const email = person.isEmailConfirmed ? addressOf(person.email) : undefined
    if (email === undefined) throw new AuthError('provider_email_missing', { provider })
    const owner = await store.users.findByEmail(email.canonical)
    if (owner === undefined) return add(arrival, email, caller)
    if (!person.isEmailAuthoritative) throw new AuthError('account_exists', { provider })
    if (!owner.isActive) return refuseDisabled(owner, arrival, caller)
    if (owner.emailVerified) return link(owner, arrival, caller)
    if (claim) return takeOver(owner, arrival, email, caller)
    throw new AuthError('account_exists', { provider })
  }

  /** Before anything of the account is changed. */
  const refuseDisabled = async (
    { id }: User,
    { provider }: Arrival,
    caller: Caller,
  ): Promise<never> => {
    await events.commit(({ record }) =>
      record('login.refused', caller, {
        subjectId: id,
        outcome: 'failure',
        details: { reason: 'disabled', provider: provider.name },
      }),
    )
    throw new AuthError('account_disabled')
  }

  const addressOf = (address: string | null): EmailAddress | undefined =>
    address === null ? undefined : parseEmailAddress(address, emails)

  /** Undefined when somebody else came first. */
  const add = async (
    { provider, proof }: Arrival,
    email: EmailAddress,
    caller: Caller,
  ): Promise<Vouched | undefined> => {
    const { person } = proof
    const user: User = {
      ...(await accounts.blank({ ...person, email, username: undefined })),
      emailVerified: person.isEmailAuthoritative,
    }
    const identity = records.make(user.id, provider, proof)
    const details = { provider: provider.name }
    return undone(async () => {
      await events.commit(async (ports) => {
        if (!(await ports.identities.insertIfAbsent(identity))) throw raced
        if ((await ports.users.createIfAbsent(user)) !== 'created') throw raced
        await ports.record('account.registered', caller, { subjectId: user.id, details })
        await ports.record('identity.linked', caller, { subjectId: user.id, details })
      })
      return vouchedBy(identity)
    })
  }

  const link = (user: User, { provider, proof }: Arrival, caller: Caller) =>
    undone(async () => {
      const identity = records.make(user.id, provider, proof)
      await events.commit(async ({ identities, record }) => {
        if (!(await identities.insertIfAbsent(identity))) throw raced
        const details = { provider: provider.name }
        await record('identity.linked', caller, { subjectId: user.id, details })
      })
      return vouchedBy(identity)
    })

  /** The owner of the address has proved it: what others planted before is gone. */
  const takeOver = (
    user: User,
    { provider, proof }: Arrival,
    { canonical }: EmailAddress,
    caller: Caller,
  ) =>
    undone(async () => {
      const identity = records.make(user.id, provider, proof)
      await events.commit(async (ports) => {
        const proved = { canonicalEmail: canonical, dropsPassword: true, now: clock() }
        if (!(await ports.users.verifyEmail(user.id, proved))) throw raced
        await ports.identities.removeAll(user.id)
        await sessions.endAllIn(ports, user.id)
        await ports.attempts.clearAll({ subjectId: user.id })
        if (!(await ports.identities.insertIfAbsent(identity))) throw raced
        const details = { provider: provider.name }
        await ports.record('account.claimed', caller, { subjectId: user.id, details })
      })
      await live.forgetUser(user.id)
      return vouchedBy(identity)
    })

  /**
   * What the provider says now. A name that it says anew is taken over where the user has kept the one it said before, or has
   * none; the address never is.
   */
  const refresh = async (
    known: Identity,
    user: User,
    { proof }: Arrival,
    caller: Caller,
  ): Promise<void> => {
    const { person } = proof
    const follows = (member: 'firstName' | 'lastName'): boolean =>
      person[member] !== null &&
      person[member] !== known[member] &&
      person[member] !== user[member] &&
      (user[member] === null || user[member] === known[member])
    const change = {
      ...(follows('firstName') && { firstName: person.firstName }),
      ...(follows('lastName') && { lastName: person.lastName }),
    }
    try {
      await events.commit(async ({ identities, users, record }) => {
        await identities.refresh(known.id, records.news(known, proof))
        if (Object.keys(change).length === 0 || users.isReadOnly || !user.isActive) return
        if ((await users.updateProfile(user.id, change, clock())) === 'updated')
          await record('account.updated', caller, { subjectId: user.id })
      })
      if (Object.keys(change).length > 0) await live.forgetUser(user.id)
    } catch (error) {
      log.warn({ err: error, request_id: caller.requestId }, 'news of a provider were not kept')
    }
  }

  /**
   * Signs in whoever a provider has named.
   *
   * @throws AuthError `account_disabled`, `account_exists`, `provider_email_missing`, `registration_closed`,
   *   `provider_token_rejected`
   */
  const logIn = async (arrival: Arrival, caller: Caller): Promise<Grant> => {
    const grant = await letIn(await recognise(arrival, caller), caller)
    if (grant) return grant
    throw new AuthError('provider_token_rejected', { provider: arrival.provider })
  }

  /**
   * They come in, as they are by now: their account may have changed within a blink. Not any more by a login that was
   * unlinked since, or that went when the owner of the address came: undefined then.
   *
   * @throws AuthError `account_disabled`
   */
  const letIn = async (
    { userId, identityId, provider }: Vouched,
    caller: Caller,
  ): Promise<Grant | undefined> => {
    const way: Way = {
      method: methodOf(provider),
      isOpen: ({ identities }) => identities.use(identityId, userId, clock()),
    }
    for (let tries = 3; tries > 0; tries -= 1) {
      const user = await store.users.find(userId)
      const grant = user && (await enter(user, caller, way))
      if (grant) return grant
    }
    return undefined
  }

  return { recognise, logIn, letIn }
}
export type ProviderLogin = ReturnType<typeof createProviderLogin>

/** How a session was opened that a provider vouches for. */
export const methodOf = (provider: string): string => `oauth:${provider}`

const vouchedBy = ({ id, userId, provider }: Identity): Vouched => ({
  ...{ userId, provider },
  identityId: id,
})

/** Somebody else was first; nothing was changed. */
const raced = new Error('raced')

const undone = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (error === raced) return undefined
    throw error
  }
}
