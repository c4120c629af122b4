import type { Profile } from '../../features/sessions/grant.js'
import { CliError } from './cli-error.js'
import { type Output, table, timeText } from './output.js'
import { userJson } from './user-lines.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

type Options = { limit: string; after?: string }

/** latchkey users list: a page, and how to get the next one. */
export const usersList: Verb<Options> = async (task) => {
  const { options, output } = task
  const limit = limitOf(options.limit)
  await withAuth(task, async (auth) => {
    // one more than asked for tells whether there is a next page
    const found = await auth.users.list({
      limit: limit + 1,
      ...(options.after !== undefined && { afterId: options.after }),
    })
    const page = found.slice(0, limit)
    const next = found.length > limit ? (page.at(-1)?.id ?? null) : null
    output.result({ users: page.map(userJson), next }, () => listing(page, next, output))
  })
}

/** The library gives at most 1,000 at once, and one more is asked for than is shown. */
const mostUsers = 999

const limitOf = (text: string): number => {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= mostUsers) return limit
  throw new CliError(
    'wrong',
    'wrong_arguments',
    `--limit must be a whole number from 1 to ${mostUsers}`,
  )
}

const listing = (users: readonly Profile[], next: string | null, output: Output): string => {
  if (users.length === 0) return 'No accounts. Make one: latchkey users create'
  const rows = users.map((user) => [
    user.id,
    user.email ?? '-',
    user.username ?? '-',
    user.isActive ? 'active' : 'disabled',
    timeText(user.createdAt),
    user.lastLoginAt === null ? 'never' : timeText(user.lastLoginAt),
  ])
  const titles = ['ID', 'E-MAIL', 'USERNAME', 'STATE', 'CREATED', 'LAST LOGIN']
  const more = next === null ? '' : `\n\nMore: latchkey users list --after ${next}`
  return `${table(titles, rows, output.paint)}${more}`
}
