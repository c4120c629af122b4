import type { Mapping } from '../../features/accounts/import/fields.js'
import type { ReadRow, Refusal } from '../../features/accounts/import/read-row.js'
import type { Addition } from '../../features/accounts/store.js'
import { createReport, type RefusedRow, type Report } from './report.js'
import { createSeen } from './seen.js'
import type { Source, SourceRow } from './source.js'

/** One run over all rows: read, asked or added in batches, counted. At no time are more rows in memory than a batch and a portion. */
type Run = {
  source: Source
  mapping: Mapping
  /** Accounts of one transaction. */
  batchSize: number
  isDryRun: boolean
  read(values: Readonly<Record<string, unknown>>): ReadRow | Refusal
  /** Adds the rows, or says what would become of them. */
  take(rows: readonly ReadRow[]): Promise<readonly Addition[]>
  onProgress(count: number): void
  onRefused(row: RefusedRow): void
}

type Numbered = { row: number; read: ReadRow }

export const runImport = async (run: Run): Promise<Report> => {
  const { source, mapping, batchSize, isDryRun } = run
  const { report, refuse } = createReport(isDryRun, run.onRefused)
  const settle = createSettling(report, refuse)
  let batch: Numbered[] = []

  const flush = async (): Promise<void> => {
    const taken = await run.take(batch.map(({ read }) => read))
    for (const [index, each] of batch.entries()) settle(each, taken[index] ?? 'present')
    batch = []
    run.onProgress(report.rows)
  }

  for await (const rows of source.rows(columnsOf(mapping))) {
    for (const row of rows) {
      report.rows += 1
      const read = readSourceRow(row, run.read)
      if ('reason' in read) refuse({ row: row.row, ...read })
      else batch.push({ row: row.row, read })
      if (batch.length >= batchSize) await flush()
    }
  }
  if (batch.length > 0) await flush()
  return report
}

const columnsOf = (mapping: Mapping): string[] => [...new Set(Object.values(mapping))]

const readSourceRow = (row: SourceRow, read: Run['read']): ReadRow | Refusal =>
  'broken' in row ? { reason: 'broken_row', id: undefined } : read(row.values)

/** What became of a row, where rows of the same file may be in each other's way. */
const createSettling = (report: Report, refuse: (row: RefusedRow) => void) => {
  const seen = createSeen()

  return ({ row, read }: Numbered, told: Addition): void => {
    const outcome = outcomeOf(read, told, seen.has, report.dry_run)
    const { user, hasId, hasIdentity } = read
    if (outcome !== 'created' && outcome !== 'present') {
      refuse({ row, id: hasId ? user.id : undefined, reason: outcome })
      return
    }
    // the store itself remembers ids that came in
    const keys = report.dry_run ? keysOf(read) : keysOf(read).slice(2)
    for (const key of keys) if (key !== '') seen.add(key)
    if (outcome === 'present') report.already_there += 1
    else {
      report.imported += 1
      if (hasIdentity) report.with_provider += 1
      if (hasNoPassword(read)) report.without_password += 1
    }
  }
}

type Has = (key: string) => boolean

/**
 * A dry run adds nothing, so rows before this one are remembered here. A row without an id is known by its address or name:
 * who was there by that before this run is there already, and who came in this run is another.
 */
const outcomeOf = (read: ReadRow, told: Addition, has: Has, isDryRun: boolean): Addition => {
  const [same, id, email, username] = keysOf(read)
  const met = (key: string | undefined): boolean => key !== undefined && key !== '' && has(key)
  if (isDryRun && told !== 'present' && told !== 'id_taken') {
    if (read.hasId && met(id)) return met(same) ? 'present' : 'id_taken'
    if (told !== 'email_taken' && met(email)) return 'email_taken'
    if (told === 'created' && met(username)) return 'username_taken'
  }
  if (told === 'created') return told
  if (read.hasId || told === 'present' || told === 'id_taken') return told
  if (told === 'email_taken' && !met(email)) return 'present'
  return told === 'username_taken' && read.user.email === null && !met(username) ? 'present' : told
}

/** An empty one stands for what the account does not have, and is kept by nobody. */
const keysOf = ({ user, hasId }: ReadRow): string[] => {
  const { id, canonicalEmail, canonicalUsername } = user
  const identity = canonicalEmail ?? canonicalUsername ?? ''
  return [
    hasId ? `s:${id}\n${identity}` : '',
    hasId ? `i:${id}` : '',
    canonicalEmail === null ? '' : `e:${canonicalEmail}`,
    canonicalUsername === null ? '' : `u:${canonicalUsername}`,
  ]
}

const hasNoPassword = ({ password }: ReadRow): boolean =>
  password.hash === null && password.weak === undefined && password.plain === undefined
