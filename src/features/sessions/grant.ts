import type { User } from '../accounts/store.js'

/** What a user is given who has come in (RFC 6749 §5.1). Lengths in seconds. */
export type Grant = {
  accessToken: string
  expiresInSeconds: number
  refreshToken: string
  refreshExpiresInSeconds: number
  /** Where the refresh token that was sent is one of the service of before: this one takes its place. */
  isTraded?: true
  /** Only where the user came in anew. */
  user?: Profile
  /** Token by which this device is known from now on, also only there. Give it as `caller.device` the next time. */
  device?: string
}

/** An account as its owner may see it. */
export type Profile = Omit<User, 'passwordHash' | 'canonicalEmail' | 'canonicalUsername'>

export const profileOf = (user: User): Profile => ({
  id: user.id,
  email: user.email,
  username: user.username,
  firstName: user.firstName,
  lastName: user.lastName,
  emailVerified: user.emailVerified,
  isActive: user.isActive,
  roles: user.roles,
  createdAt: user.createdAt,
  updatedAt: user.updatedAt,
  lastLoginAt: user.lastLoginAt,
})
