import { CliError } from './cli-error.js'

/** How lists are read page by page. */
export type PageOptions = { limit: string; after?: string }

/** The library gives at most 1,000 at once, and one more is asked for than is shown. */
const mostLines = 999

/** @throws CliError for what is no such number */
export const pageLimit = ({ limit: text }: PageOptions): number => {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= mostLines) return limit
  throw new CliError(
    'wrong',
    'wrong_arguments',
    `--limit must be a whole number from 1 to ${mostLines}`,
  )
}
