import type { Profile } from '../../features/sessions/grant.js'
import { type Output, table, timeText } from './output.js'
import { type PageOptions, pageLimit } from './page-options.js'
import { userJson } from './user-lines.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

/** latchkey users list: a page, and how to get the next one. */
export const usersList: Verb<PageOptions> = async (task) => {
  const { options, output } = task
  const limit = pageLimit(options)
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
