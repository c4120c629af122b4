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

/** From `generation` to `next`, which is the one after it unless it is named. */
export type Rotation = { id: string; generation: number; next?: number; now: Date; expiresAt: Date }

/** `keep` sessions may stay: the one with `newestId`, whatever its id says of its age, and the newest others. */
export type Surplus = { userId: string; newestId: string; keep: number; now: Date }
export type LiveQuery = { userId: string; now: Date; afterId?: string | undefined; limit: number }

export type SessionStore = {
  /** True where expired sessions are forgotten without being asked: `removeExpired` has nothing to do there. */
  forgetsExpired?: true
  insert(session: Session): Promise<void>
  /** The same, or false when the id is taken. Of many callers with one id exactly one is told true. */
  insertIfAbsent(session: Session): Promise<boolean>
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
  /**
   * Ends the user's oldest live sessions until `keep` are left; returns how many it ended. A login asks after it has noted
   * itself at its user (`recordLogin`), which puts the logins of one user in order: however many come at once, no more than
   * `keep` are left. Where users are only read, logins in flight may leave more until the next one.
   */
  revokeBeyond(surplus: Surplus): Promise<number>
  /** Removes all of a user's sessions: the account is gone. */
  removeAll(userId: string): Promise<void>
  /**
   * Removes sessions that expired at `before` or earlier, the oldest first and no more than `limit`; returns how many.
   */
  removeExpired(before: Date, limit: number): Promise<number>
}

/** Refresh tokens that the service of before keeps, where it keeps them. They are read and never written. */
export type LegacyTokenStore = {
  /**
   * Whose token it is and until when, or undefined when it is not there or was taken back. Where the token itself says whose
   * it is, `claimedUserId` is that user, and tokens of others count as not there. `now` is the instant that lengths of time
   * are counted from.
   *
   * @throws AuthError `store_unavailable`
   */
  find(
    token: string,
    about: { now: Date; claimedUserId?: string },
  ): Promise<LegacyToken | undefined>
  close?(): Promise<void>
}

/** `expiresAt` is undefined where only the token itself says it. */
export type LegacyToken = { userId: string; expiresAt: Date | undefined }
