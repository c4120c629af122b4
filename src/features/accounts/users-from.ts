import { AuthError } from '../../errors.js'
import { canonicalUsername } from './identity.js'
import type { User, UserStore } from './store.js'

/** The least a host must tell about a user of its own. */
export type HostUser = {
  /** Defaults to the username. */
  id?: string
  username: string
  /** argon2 or bcrypt, as a PHC string. */
  passwordHash: string
  email?: string
  role?: string
  roles?: readonly string[]
  isActive?: boolean
}

/**
 * A read-only user store around one function of the host: given a username, an e-mail address or an id, it returns the
 * user, or nothing. Usernames and addresses come in lower case, whatever was typed; ids come as the host gave them.
 * Registration and every change of an account are refused with `registration_closed`.
 */
export const usersFrom = (getUser: (name: string) => Promise<Found> | Found): UserStore => {
  const find = async (name: string): Promise<User | undefined> => {
    const found = await getUser(name)
    return found ? userOf(found) : undefined
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
    remove: closed,
  }
}

type Found = HostUser | null | undefined

const userOf = (host: HostUser): User => ({
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
  passwordHash: host.passwordHash,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  lastLoginAt: null,
})
