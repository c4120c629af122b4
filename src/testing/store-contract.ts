import { additionContract } from '../features/accounts/additions.contract.js'
import { userContract } from '../features/accounts/store.contract.js'
import { verificationContract } from '../features/accounts/verification.contract.js'
import { eventContract, recorderContract } from '../features/events/store.contract.js'
import { attemptContract } from '../features/limits/store.contract.js'
import { identityContract, spentContract } from '../features/oauth/store.contract.js'
import { sessionContract } from '../features/sessions/store.contract.js'
import { keyContract } from '../features/tokens/store.contract.js'
import type { Store } from '../stores/store.js'
import type { Contract } from './place.js'
import { sessionIdContract } from './session-ids.contract.js'
import { transactionContract } from './transactions.contract.js'

const contracts = {
  users: { ...userContract, ...verificationContract },
  additions: additionContract,
  sessions: { ...sessionContract, ...sessionIdContract },
  keys: keyContract,
  events: eventContract,
  attempts: attemptContract,
  recorders: recorderContract,
  identities: identityContract,
  spent: spentContract,
  transactions: transactionContract,
} as const satisfies Record<string, Contract>

/** A part of the contract, by the port it is about. */
export type StorePart = keyof typeof contracts

/** The two words of a test runner that are needed: those of vitest, jest and `node:test` all fit. */
export type TestRunner = {
  describe(title: string, define: () => void): unknown
  test(title: string, run: () => Promise<void>): unknown
  /** Only these parts; for a host that brings one port of its own. Default: all. */
  parts?: readonly StorePart[]
}

/**
 * Proves a store: every verb, every field, every promise about callers at the same time, as tests of the runner given.
 * No runner is imported here, so that `latchkey/testing` needs none.
 *
 * @param name of the store, for the titles
 * @param open opens an empty place for each test. Given a list, takes its members for instances that share the place, and
 *   spreads the callers over them. What is opened is closed again.
 * @example
 * import { describe, test } from 'vitest'
 * storeContract('our store', () => ourStore(emptyDatabase()), { describe, test })
 */
export const storeContract = (
  name: string,
  open: () => Store | readonly Store[] | Promise<Store | readonly Store[]>,
  { describe, test, parts }: TestRunner,
): void => {
  for (const [part, contract] of Object.entries(contracts)) {
    if (parts !== undefined && !parts.some((wanted) => wanted === part)) continue
    describe(`${name}: ${part}`, () => {
      for (const [title, run] of Object.entries(contract)) {
        test(title, async () => {
          const instances = [await open()].flat()
          const [store] = instances
          if (store === undefined) throw new Error('The contract needs a store to try')
          try {
            for (const instance of instances) await instance.migrate()
            await run({ store, instances })
          } finally {
            for (const instance of instances) await instance.close()
          }
        })
      }
    })
  }
}
