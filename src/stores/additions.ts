import type { Addition, User } from '../features/accounts/store.js'

/** What an account occupies. */
export type Occupied = Pick<User, 'id' | 'canonicalEmail' | 'canonicalUsername'>

/** What becomes of accounts, one after the other, where others are there already. */
export const additionsTo = (
  present: readonly Occupied[],
  users: readonly Occupied[],
): Addition[] => {
  const [ids, emails, names] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const occupy = ({ id, canonicalEmail, canonicalUsername }: Occupied): void => {
    ids.add(id)
    if (canonicalEmail !== null) emails.add(canonicalEmail)
    if (canonicalUsername !== null) names.add(canonicalUsername)
  }
  for (const user of present) occupy(user)
  return users.map((user) => {
    const { id, canonicalEmail, canonicalUsername } = user
    if (ids.has(id)) return 'present'
    if (canonicalEmail !== null && emails.has(canonicalEmail)) return 'email_taken'
    if (canonicalUsername !== null && names.has(canonicalUsername)) return 'username_taken'
    occupy(user)
    return 'created'
  })
}

/** Those that were said to be added. */
export const addedOf = <Account>(
  users: readonly Account[],
  additions: readonly Addition[],
): Account[] => users.filter((_, index) => additions[index] === 'created')

/** Texts that stand in a member of some, each once. */
export const textsOf = (users: readonly Occupied[], member: keyof Occupied): string[] => [
  ...new Set(users.flatMap((user) => user[member] ?? [])),
]
