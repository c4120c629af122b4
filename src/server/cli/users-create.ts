import { CliError } from './cli-error.js'
import { askFor, isInteractive, newPassword, type PasswordOptions } from './new-password.js'
import { nameOf, userJson } from './user-lines.js'
import type { Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

type Options = PasswordOptions & {
  email?: string
  username?: string
  firstName?: string
  lastName?: string
  role?: readonly string[]
}

/** latchkey users create */
export const usersCreate: Verb<Options> = (task) =>
  withAuth(task, async (auth) => {
    const { options, output } = task
    const names = await requireName(options)
    const { firstName, lastName, role: roles } = options
    const { password, isGenerated } = await newPassword(options)
    const input = { ...names, firstName, lastName, password, roles }
    const user = await auth.users.create(input, operator)
    output.result(
      { user: userJson(user), ...(isGenerated && { password }) },
      () =>
        `${output.paint('green', '✓')} ${nameOf(user)} has an account: ${user.id}${isGenerated ? `\n  password: ${password}` : ''}`,
    )
  })

const requireName = async ({
  email,
  username,
}: Options): Promise<Pick<Options, 'email' | 'username'>> => {
  if (email || username) return { ...(email && { email }), ...(username && { username }) }
  if (isInteractive()) return { email: await askFor('E-mail address') }
  throw new CliError('wrong', 'wrong_arguments', 'Give --email or --username, or both')
}
