/** One signed-in device. */
export type Session = {
  id: string
  userId: string
  /** Random, base64url; part of what refresh tokens are made of and kept nowhere else. */
  nonce: string
  /** How often it was refreshed; the refresh token of this generation is the live one. */
  generation: number
  createdAt: Date
  /** When it was opened or last refreshed. */
  lastUsedAt: Date
  expiresAt: Date
  revokedAt: Date | null
  address: string | null
  userAgent: string | null
  /** How the user signed in, as in the claim `amr` (RFC 8176): 'pwd'. */
  method: string
}

export type Rotation = { id: string; generation: number; now: Date; expiresAt: Date }

export type LiveQuery = { userId: string; now: Date; afterId?: string | undefined; limit: number }

export type SessionStore = {
  /** True where expired sessions are forgotten without being asked: `removeExpired` has nothing to do there. */
  forgetsExpired?: true
  insert(session: Session): Promise<void>
  find(id: string): Promise<Session | undefined>
  /** Sessions that are neither revoked nor expired, from the greatest id (the newest) down, starting behind `afterId`. */
  listLive(query: LiveQuery): Promise<Session[]>
  /**
   * Advances the generation by one and moves the expiry, if the generation still is the given one and the session is
   * not revoked. Of many callers with the same generation exactly one is told true.
   */
  rotate(rotation: Rotation): Promise<boolean>
  /** True for the one caller that ended it. */
  revoke(id: string, now: Date): Promise<boolean>
  /** Ends all of a user's sessions but `exceptId`; returns how many it ended. */
  revokeAll(userId: string, now: Date, exceptId?: string): Promise<number>
  /** Removes all of a user's sessions: the account is gone. */
  removeAll(userId: string): Promise<void>
  /**
   * Removes sessions that expired at `before` or earlier, the oldest first and no more than `limit`; returns how many.
   */
  removeExpired(before: Date, limit: number): Promise<number>
}
