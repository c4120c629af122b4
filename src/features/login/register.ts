import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { NewAccount } from '../accounts/account-input.js'
import type { Accounts } from '../accounts/accounts.js'
import type { Grant } from '../sessions/grant.js'
import type { Enter } from './enter.js'

/** Registration: a new account, and its owner comes in at once. */
type Deps = { accounts: Accounts; enter: Enter }

export const createRegister = ({ accounts, enter }: Deps) => {
  /** @throws AuthError `invalid_body`, `email_taken`, `username_taken`, `overloaded` */
  const register = async (input: NewAccount, caller: Caller): Promise<Grant> => {
    const user = await accounts.create(input, caller, {
      type: 'account.registered',
      purpose: 'registration',
    })
    const grant = await enter(user, caller, { method: 'pwd' })
    if (grant === undefined) throw new AuthError('invalid_credentials') // changed by others within a blink
    return grant
  }
  return register
}
export type Register = ReturnType<typeof createRegister>
