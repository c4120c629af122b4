import type { UserStore } from '../../features/accounts/store.js'
import type { Access } from './access.js'

/** The document that counts accounts; its number is the last that was given. */
export const userCounter = 'users'

/** Numbers for accounts. Outside of transactions, or all that begin at the same time would be in each other's way. */
export const mongoNumbers = ({
  runOutside,
}: Access): Required<Pick<UserStore, 'nextNumber' | 'raiseNumber'>> => ({
  nextNumber: async () => {
    const counter = await runOutside(({ counters }, options) =>
      counters.findOneAndUpdate(
        { _id: userCounter },
        { $inc: { last: 1 } },
        { ...options, returnDocument: 'after' },
      ),
    )
    if (counter === null) throw new Error('The counter of accounts is gone: run the migrations')
    return counter.last
  },
  raiseNumber: async (least) => {
    await runOutside(({ counters }, options) =>
      counters.updateOne({ _id: userCounter }, { $max: { last: least } }, options),
    )
  },
})
