/** An account as it is kept. */
export type User = {
  id: string
  /** As typed at registration; null for accounts that have none. */
  email: string | null
  /** The spelling that identifies it (lower case, IDNA); unique under binary comparison. */
  canonicalEmail: string | null
  username: string | null
  /** Lower case; unique under binary comparison. */
  canonicalUsername: string | null
  firstName: string | null
  lastName: string | null
  emailVerified: boolean
  isActive: boolean
  roles: readonly string[]
  /** PHC string; null for accounts without a password. */
  passwordHash: string | null
  createdAt: Date
  updatedAt: Date
  lastLoginAt: Date | null
}

/** What a profile change may touch. */
export type ProfileChange = Partial<
  Pick<User, 'username' | 'canonicalUsername' | 'firstName' | 'lastName'>
>

/**
 * What became of an account that was to be added. 'present': its id is there already, with this address or name;
 * 'id_taken': with others.
 */
export type Addition = 'created' | 'present' | 'id_taken' | 'email_taken' | 'username_taken'

export type UserStore = {
  /** Users of the host's own, which latchkey may only look at: its changing verbs refuse. */
  isReadOnly?: true
  /** The id of a new account, where the place makes ids in its own way. Without it they are made here: UUIDv7. */
  makeId?(): Promise<string>
  /**
   * 1, 2, 3, …: of all callers, at any instance, each number goes to one. Asked outside of the transaction that adds the
   * account, so that nobody waits for it; a number that was not used is a gap.
   */
  nextNumber?(): Promise<number>
  /** From now on numbers are above `least`. */
  raiseNumber?(least: number): Promise<void>
  /** Adds the account. Of callers with the same address or name exactly one is told 'created'. */
  createIfAbsent(user: User): Promise<'created' | 'email_taken' | 'username_taken'>
  /**
   * Adds many accounts in few steps: one outcome for each, in order. Those that are in nobody's way are all added; what is
   * there is never changed. Who comes first takes an id, an address or a name, among them and among other callers.
   */
  addMany?(users: readonly User[]): Promise<readonly Addition[]>
  /** What `addMany` would answer now. Adds nothing. */
  tryMany?(users: readonly User[]): Promise<readonly Addition[]>
  find(id: string): Promise<User | undefined>
  findByEmail(canonicalEmail: string): Promise<User | undefined>
  findByUsername(canonicalUsername: string): Promise<User | undefined>
  /** Of callers that take the same name exactly one is told 'updated'. */
  updateProfile(
    id: string,
    change: ProfileChange,
    now: Date,
  ): Promise<'updated' | 'username_taken' | 'missing'>
  /** Replaces the hash only if it still is `from`: of callers with the same `from` exactly one is told true. */
  replacePasswordHash(id: string, from: string | null, to: string, now: Date): Promise<boolean>
  /**
   * Notes that the owner has proved this address; `dropsPassword` takes away the password that was set before the proof.
   * True only for the caller who found it the account's address, and not verified yet.
   */
  verifyEmail(
    id: string,
    proof: { canonicalEmail: string; dropsPassword: boolean; now: Date },
  ): Promise<boolean>
  setActive(id: string, isActive: boolean, now: Date): Promise<boolean>
  /**
   * Notes the login if the account is still active and its hash still the one that was checked: a password that was
   * changed in the meantime lets nobody in.
   */
  recordLogin(id: string, passwordHash: string | null, now: Date): Promise<boolean>
  /** True for the one caller that removed it. */
  remove(id: string): Promise<boolean>
  /** In order of id, starting behind `afterId`. */
  list(query: { afterId?: string | undefined; limit: number }): Promise<User[]>
}
