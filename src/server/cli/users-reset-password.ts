import { newPassword, type PasswordOptions } from './new-password.js'
import { nameOf, userJson } from './user-lines.js'
import type { Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

/** latchkey users reset-password */
export const usersResetPassword: Verb<PasswordOptions> = (task) =>
  withAuth(task, async (auth) => {
    const { words, options, output } = task
    const { id } = await auth.users.find(words[0] ?? '') // before anybody types a password for nobody
    const { password, isGenerated } = await newPassword(options)
    const user = await auth.users.resetPassword(id, password, operator)
    output.result(
      { user: userJson(user), ...(isGenerated && { password }) },
      () =>
        `${output.paint('green', '✓')} ${nameOf(user)} has a new password; all sessions have ended${isGenerated ? `\n  password: ${password}` : ''}`,
    )
  })
