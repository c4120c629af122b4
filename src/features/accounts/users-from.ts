import { AuthError, ConfigurationError } from '../../errors.js'
import { markPlaintext } from '../passwords/plaintext.js'
import { recogniseHash, saysNoPassword } from '../passwords/stored-hash.js'
import { canonicalUsername } from './identity.js'
import type { User, UserStore } from './store.js'

/** The least a host must tell about a user of its own. */
export type HostUser = HostPerson & {
  /** argon2, bcrypt, scrypt, PBKDF2 and others as their libraries write them; '' for a user without a password. */
  passwordHash: string
}

/** A user whose password the host keeps as it was typed. Better is a hash. */
export type PlaintextHostUser = HostPerson & { password: string }

type HostPerson = {
  /** Defaults to the username. */
  id?: string
  username: string
  email?: string
  role?: string
  roles?: readonly string[]
  isActive?: boolean
}

/**
 * A read-only user store around one function of the host: given a username, an e-mail address or an id, it returns the
 * user, or nothing. Usernames and addresses come in lower case, whatever was typed; ids come as the host gave them.
 * Registration and every change of an account are refused with `registration_closed`.
 *
 * Users may have a plain `password` in place of the hash only with `{ allowPlaintextPasswords: true }`. A user with one that
 * is not allowed, or with a hash of no known kind, is a ConfigurationError when it is first asked for.
 */
export const usersFrom: {
  (getUser: Getter<HostUser>): UserStore
  (
    getUser: Getter<HostUser | PlaintextHostUser>,
    options: { allowPlaintextPasswords: true },
  ): UserStore
} = (
  getUser: Getter<HostUser | PlaintextHostUser>,
  { allowPlaintextPasswords = false }: { allowPlaintextPasswords?: boolean } = {},
): UserStore => {
  const find = async (name: string): Promise<User | undefined> => {
    const found = await getUser(name)
    return found ? userOf(found, hashOf(found, allowPlaintextPasswords)) : undefined
  }
  const closed = async (): Promise<never> => {
    throw new AuthError('registration_closed')
  }

  return {
    isReadOnly: true,
    find,
    findByEmail: find,
    findByUsername: find,
    list: async () => [],
    recordLogin: async () => true,
    createIfAbsent: closed,
    updateProfile: closed,
    replacePasswordHash: closed,
    setActive: closed,
    verifyEmail: closed,
    remove: closed,
  }
}

type Getter<Host> = (name: string) => Promise<Host | null | undefined> | Host | null | undefined

/** @throws ConfigurationError which tells what is wrong, and neither whose it is nor the value */
const hashOf = (
  host: { passwordHash?: string | null; password?: string | null },
  allowPlaintextPasswords: boolean,
): string | null => {
  const { passwordHash, password } = host
  if (typeof password === 'string' && !allowPlaintextPasswords) {
    throw misfit(
      'a user has a plain-text `password`: give its hash as `passwordHash`, or permit it by ' +
        'usersFrom(getUser, { allowPlaintextPasswords: true })',
    )
  }
  if (typeof passwordHash === 'string') return requireHash(passwordHash)
  if (typeof password === 'string') return markPlaintext(password)
  throw misfit('a user has no `passwordHash`: give the hash, or an empty text for no password')
}

const requireHash = (passwordHash: string): string | null => {
  if (saysNoPassword(passwordHash)) return null
  const hash = recogniseHash(passwordHash)
  if (hash === undefined) {
    throw misfit('the `passwordHash` of a user is of no kind that can be verified')
  }
  if (hash.isAbsurd) {
    throw misfit('the `passwordHash` of a user costs more to check than any sign-in may')
  }
  return passwordHash
}

const misfit = (detail: string): ConfigurationError =>
  new ConfigurationError([{ option: 'users', detail }])

const userOf = (host: HostPerson, passwordHash: string | null): User => ({
  id: host.id ?? host.username,
  email: host.email ?? null,
  canonicalEmail: host.email?.toLowerCase() ?? null,
  username: host.username,
  canonicalUsername: canonicalUsername(host.username),
  firstName: null,
  lastName: null,
  emailVerified: false,
  isActive: host.isActive ?? true,
  roles: host.roles ?? (host.role === undefined ? [] : [host.role]),
  passwordHash,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  lastLoginAt: null,
})
