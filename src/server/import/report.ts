import { safeText } from '../../lib/safe-text.js'

/** What an import did or would do: counts, and the rows that stay out. Never a hash, an address or a name. */
export type RefusedRow = { row: number; id: string | undefined; reason: string }

export type Report = {
  dry_run: boolean
  rows: number
  /** Came in, or would. */
  imported: number
  already_there: number
  without_password: number
  /** Logins at providers that came in with their accounts. */
  identities: number
  /** Those that stayed out because another account has them; their accounts came in. */
  identities_taken: { count: number; rows: string[] }
  /** Accounts of a provider of which no column says as whom. */
  unlinked: number
  refused: number
  reasons: Record<string, { count: number; rows: string[] }>
}

/** Rows that are named for a reason; `--report` has all of them. */
const mostExamples = 5

export const createReport = (isDryRun: boolean, onRefused: (row: RefusedRow) => void) => {
  const report: Report = {
    dry_run: isDryRun,
    rows: 0,
    imported: 0,
    already_there: 0,
    without_password: 0,
    identities: 0,
    identities_taken: { count: 0, rows: [] },
    unlinked: 0,
    refused: 0,
    reasons: {},
  }
  return {
    report,
    refuse: (refused: RefusedRow): void => {
      report.refused += 1
      const known = report.reasons[refused.reason] ?? { count: 0, rows: [] }
      known.count += 1
      if (known.rows.length < mostExamples) known.rows.push(rowName(refused))
      report.reasons[refused.reason] = known
      onRefused(refused)
    },
    /** Logins of this row belong to another account. */
    meet: ({ count, ...row }: Omit<RefusedRow, 'reason'> & { count: number }): void => {
      const { identities_taken: taken } = report
      taken.count += count
      if (taken.rows.length < mostExamples) taken.rows.push(rowName(row))
    },
  }
}

const rowName = ({ row, id }: Pick<RefusedRow, 'row' | 'id'>): string =>
  id === undefined ? `${row}` : `${row} (id ${safeText(id, 64)})`

/** What each word for a reason means; what stands behind a colon is the kind of hash. */
const sentences: Readonly<Record<string, string>> = {
  broken_row: 'the row cannot be read',
  no_identity: 'neither an e-mail address nor a username',
  invalid_id: 'an id that cannot be kept (1 to 64 signs)',
  invalid_email: 'an e-mail address that cannot be used here',
  invalid_username: 'a username that cannot be used here',
  invalid_name: 'a name of more than 100 signs or more than one line',
  invalid_password: 'the password is no text',
  invalid_provider: 'a provider whose name cannot be used here',
  invalid_identities: 'logins at providers that cannot be read',
  invalid_roles: 'roles that cannot be read',
  invalid_time: 'a time that cannot be read',
  invalid_email_verified: 'neither yes nor no in the column of verified addresses',
  invalid_is_active: 'neither yes nor no in the column of active accounts',
  invalid_disabled: 'neither yes nor no in the column of disabled accounts',
  unknown_hash: 'no hash of a known kind (--plaintext if these are the passwords themselves)',
  weak_hash: 'a hash that is quick to guess (--wrap takes it in)',
  too_costly_hash: 'a hash that would take too long to check',
  too_long_hash: 'a hash of more than 255 signs',
  id_taken: 'the id belongs to an account with another address or name',
  email_taken: 'the address belongs to another account, perhaps in another case',
  username_taken: 'the username belongs to another account, perhaps in another case',
}

const sentenceFor = (reason: string): string => {
  const [word = '', kind] = reason.split(': ')
  const sentence = sentences[word] ?? reason
  return kind === undefined ? sentence : `${sentence}: ${kind}`
}

export const reportText = (report: Report): string => {
  const { imported, already_there: present, refused, reasons } = report
  const would = report.dry_run
  const lines = [
    `${report.rows} rows: ${imported} ${would ? 'would come in' : 'came in'}, ${present} are there already, ${refused} ${would ? 'would stay' : 'stayed'} out.`,
  ]
  if (report.without_password > 0)
    lines.push(
      `  ${report.without_password} of those that ${would ? 'would come' : 'came'} in have no password`,
    )
  lines.push(...linkLines(report))
  const sorted = Object.entries(reasons).sort(([, one], [, other]) => other.count - one.count)
  for (const [reason, { count, rows }] of sorted) {
    const more = count > rows.length ? ', …' : ''
    lines.push(`  ${count} × ${sentenceFor(reason)}: row ${rows.join(', ')}${more}`)
  }
  return lines.join('\n')
}

const linkLines = ({ dry_run: would, identities, identities_taken: taken, unlinked }: Report) => [
  ...(identities > 0
    ? [`  ${identities} logins at providers ${would ? 'would come' : 'came'} in with them`]
    : []),
  ...(taken.count > 0
    ? [
        `  ${taken.count} × a login at a provider that another account has, and keeps: row ${taken.rows.join(', ')}${taken.count > taken.rows.length ? ', …' : ''}`,
      ]
    : []),
  ...(unlinked > 0
    ? [
        `  ${unlinked} signed in with a provider, and no column says as whom there: their owners need a password (--map <column>=subject if there is one)`,
      ]
    : []),
]
