import type { Addition, User, UserStore } from '../../features/accounts/store.js'
import { addedOf, additionsTo, type Occupied, textsOf } from '../additions.js'
import type { Access } from './access.js'
import { toDocument } from './documents.js'
import { isDuplicate } from './faults.js'

/** Many accounts at once: who is in the way is looked up first, for a duplicate would end a transaction. */
export const mongoAdditions = ({
  run,
  isInTransaction,
}: Access): Required<Pick<UserStore, 'addMany' | 'tryMany'>> => {
  /** Whose id, address or name one of these has. */
  const inTheWay = async (users: readonly User[]): Promise<Occupied[]> => {
    const found: Occupied[] = []
    for (const [field, member] of fields) {
      const $in = textsOf(users, member)
      if ($in.length === 0) continue
      const others = await run((collections, options) =>
        collections.users
          .find({ [field]: { $in } }, options)
          .project<Projected>({ canonicalEmail: 1, canonicalUsername: 1 })
          .toArray(),
      )
      found.push(...others.map(toOccupied))
    }
    return found
  }
  const tryMany = async (users: readonly User[]): Promise<readonly Addition[]> =>
    additionsTo(await inTheWay(users), users)

  /** How many were written, in order, before one whose place was taken. */
  const insert = async (users: readonly User[]): Promise<number> => {
    if (users.length === 0) return 0
    const documents = users.map(toDocument)
    try {
      await run((collections, options) => collections.users.insertMany(documents, options))
      return users.length
    } catch (error) {
      if (isInTransaction || !isDuplicate(error)) throw error
      return insertedBefore(error)
    }
  }

  const addMany = async (users: readonly User[], triesLeft: number): Promise<Addition[]> => {
    const additions = additionsTo(await inTheWay(users), users)
    const added = addedOf(users, additions)
    const count = await insert(added)
    const stopped = added[count]
    if (stopped === undefined) return additions
    if (triesLeft === 0) throw new Error('Accounts met others that were gone when looked for')
    const at = users.indexOf(stopped)
    // whoever stands further on has met another one: only the same once more is out of the ordinary
    const rest = await addMany(users.slice(at), at > 0 ? mostTries : triesLeft - 1)
    return [...additions.slice(0, at), ...rest]
  }

  return { tryMany, addMany: (users) => addMany(users, mostTries) }
}

/** One account may be stopped so often by another that cannot be seen. */
const mostTries = 3

const insertedBefore = (error: unknown): number =>
  error instanceof Error && 'insertedCount' in error ? Number(error.insertedCount) : 0

const fields = [
  ['_id', 'id'],
  ['canonicalEmail', 'canonicalEmail'],
  ['canonicalUsername', 'canonicalUsername'],
] as const

type Projected = { _id: string; canonicalEmail?: string | null; canonicalUsername?: string | null }

const toOccupied = ({ _id, canonicalEmail, canonicalUsername }: Projected): Occupied => ({
  id: _id,
  canonicalEmail: canonicalEmail ?? null,
  canonicalUsername: canonicalUsername ?? null,
})
