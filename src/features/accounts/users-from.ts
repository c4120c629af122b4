import { AuthError } from '../../errors.js'
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
 * user or undefined. Registration and profile changes are refused with `registration_closed`.
 */
export const usersFrom = (
  getUser: (name: string) => Promise<HostUser | undefined> | HostUser | undefined,
): UserStore => {
  const find = async (name: string): Promise<User | undefined> => {
    const found = await getUser(name)
    return found && userOf(found)
  }
  const closed = async (): Promise<never> => {
    throw new AuthError('registration_closed')
  }

  return {
    find,
    findByEmail: find,
    findByUsername: find,
    list: async () => [],
    recordLogin: async () => true,
    replacePasswordHash: async () => false,
    createIfAbsent: closed,
    updateProfile: closed,
    setActive: closed,
    remove: closed,
  }
}

const userOf = (host: HostUser): User => ({
  id: host.id ?? host.username,
  email: host.email ?? null,
  canonicalEmail: host.email?.toLowerCase() ?? null,
  username: host.username,
  canonicalUsername: host.username.toLowerCase(),
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
