/** A login at a provider that belongs to an account. The subject identifies it, never the e-mail address (S-17). */
export type Identity = {
  id: string
  userId: string
  /** Name of the provider, as in paths: 'google'. */
  provider: string
  /** What the provider calls this person, always and only. Compared byte by byte; at most 255 characters. */
  subject: string
  /** What the provider last said of the person. */
  email: string | null
  firstName: string | null
  lastName: string | null
  /** An https address. */
  picture: string | null
  /** Tokens of the provider, sealed, where the operator wants them kept. */
  sealedTokens: string | null
  createdAt: Date
  lastUsedAt: Date
}

/** What a provider says anew whenever somebody comes in through it. */
export type IdentityNews = Pick<
  Identity,
  'email' | 'firstName' | 'lastName' | 'picture' | 'sealedTokens' | 'lastUsedAt'
>

export type IdentityStore = {
  /** Adds it. Of all callers with the same provider and subject exactly one is told true. */
  insertIfAbsent(identity: Identity): Promise<boolean>
  find(provider: string, subject: string): Promise<Identity | undefined>
  /** Those of a user, oldest first. */
  list(userId: string): Promise<Identity[]>
  /** False when it is gone. */
  refresh(id: string, news: IdentityNews): Promise<boolean>
  /**
   * Notes that its user comes in by it. False when it is gone, or another's. Inside of a work that opens a session: who
   * removes it and ends the sessions at the same time comes before or after, never in between.
   */
  use(id: string, userId: string, now: Date): Promise<boolean>
  /**
   * Removes one of the user's. With `leavesOneOf` only while the user keeps another one of these providers: of callers that
   * remove the last two at once, one is told 'last', or both where a place has no transactions. 'missing' also for those of
   * others.
   */
  remove(removal: {
    userId: string
    id: string
    leavesOneOf?: readonly string[] | undefined
  }): Promise<'removed' | 'last' | 'missing'>
  /** Removes all of a user's; returns how many. */
  removeAll(userId: string): Promise<number>
}

/** Things that work once: which of them have been used. What is not noted here can be told without it: sealed, with an end. */
export type SpentStore = {
  /** Notes its use; it may be forgotten after `expiresAt`. Of all callers with one id exactly one is told true. */
  spend(id: string, expiresAt: Date): Promise<boolean>
  /** Forgets some that expired before, oldest first, at most `limit`; returns how many. */
  removeExpired(before: Date, limit: number): Promise<number>
}
