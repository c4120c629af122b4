import type { Addition, User } from '../features/accounts/store.js'

/** What an account occupies. */
export type Occupied = Pick<User, 'id' | 'canonicalEmail' | 'canonicalUsername'>

/** What becomes of accounts, one after the other, where others are there already. */
export const additionsTo = (
  present: readonly Occupied[],
  users: readonly Occupied[],
): Addition[] => {
  const [ids, emails, names] = [new Map<string, Occupied>(), new Set<string>(), new Set<string>()]
  const occupy = (user: Occupied): void => {
    const { id, canonicalEmail, canonicalUsername } = user
    ids.set(id, user)
    if (canonicalEmail !== null) emails.add(canonicalEmail)
    if (canonicalUsername !== null) names.add(canonicalUsername)
  }
  for (const user of present) occupy(user)
  return users.map((user) => {
    const { id, canonicalEmail, canonicalUsername } = user
    const same = ids.get(id)
    if (same !== undefined) return isOne(same, user) ? 'present' : 'id_taken'
    if (canonicalEmail !== null && emails.has(canonicalEmail)) return 'email_taken'
    if (canonicalUsername !== null && names.has(canonicalUsername)) return 'username_taken'
    occupy(user)
    return 'created'
  })
}

/** By address; by name where there is none; who has neither is known by id alone. */
const isOne = (one: Occupied, other: Occupied): boolean =>
  one.canonicalEmail === null && other.canonicalEmail === null
    ? one.canonicalUsername === other.canonicalUsername
    : one.canonicalEmail === other.canonicalEmail

/** Those that were said to be added. */
export const addedOf = <Account>(
  users: readonly Account[],
  additions: readonly Addition[],
): Account[] => users.filter((_, index) => additions[index] === 'created')

/** Texts that stand in a member of some, each once. */
export const textsOf = (users: readonly Occupied[], member: keyof Occupied): string[] => [
  ...new Set(users.flatMap((user) => user[member] ?? [])),
]
