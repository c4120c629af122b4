/** Processes of one machine that serve together: what ends in one of them, all forget before the answer is given. */
export type Peers = {
  /** How many there are, this one included. */
  count: number
  /** Resolves when all others have heard it; after half a second in any case. */
  tell(news: News): Promise<void>
  /** Hears what others tell. */
  listen(listener: (news: News) => void): void
}

/** Something that must not be remembered any longer. */
export type News = { about: 'session' | 'user'; id: string } | { about: 'keys' }
