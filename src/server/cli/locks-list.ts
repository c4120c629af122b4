import type { Lock } from '../../features/accounts/locks.js'
import { type Output, table, timeText } from './output.js'
import { type PageOptions, pageLimit } from './page-options.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

/** latchkey locks list: a page, and how to get the next one. */
export const locksList: Verb<PageOptions> = async (task) => {
  const { options, output } = task
  const limit = pageLimit(options)
  await withAuth(task, async (auth) => {
    // one more than asked for tells whether there is a next page
    const found = await auth.locks.list({
      limit: limit + 1,
      ...(options.after !== undefined && { afterKey: options.after }),
    })
    const page = found.slice(0, limit)
    const next = found.length > limit ? (page.at(-1)?.key ?? null) : null
    output.result({ locks: page.map(lockJson), next }, () => listing(page, next, output))
  })
}

const lockJson = ({ key, kind, userId, email, address, failures, until }: Lock): object => ({
  key,
  kind,
  user_id: userId,
  email,
  address,
  failures,
  until: until.toISOString(),
})

const listing = (locks: readonly Lock[], next: string | null, output: Output): string => {
  if (locks.length === 0) return 'Nobody is locked out'
  const rows = locks.map(({ kind, userId, email, address, failures, until }) => [
    kind,
    userId ?? '-',
    email ?? '-',
    address ?? '-',
    String(failures),
    timeText(until),
  ])
  const titles = ['KIND', 'ACCOUNT', 'E-MAIL', 'ADDRESS', 'FAILURES', 'UNTIL']
  const more = next === null ? '' : `\n\nMore: latchkey locks list --after ${next}`
  return `${table(titles, rows, output.paint)}${more}`
}
