import type { Mapping } from '../../features/accounts/import/fields.js'
import type { Added } from '../../features/accounts/import/importing.js'
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
  take(rows: readonly ReadRow[]): Promise<readonly Added[]>
  onProgress(count: number): void
  onRefused(row: RefusedRow): void
}

type Numbered = { row: number; read: ReadRow }

export const runImport = async (run: Run): Promise<Report> => {
  const { source, mapping, batchSize, isDryRun } = run
  const { report, refuse, meet } = createReport(isDryRun, run.onRefused)
  const settle = createSettling(report, { refuse, meet })
  let batch: Numbered[] = []

  const flush = async (): Promise<void> => {
    const taken = await run.take(batch.map(({ read }) => read))
    for (const [index, each] of batch.entries()) settle(each, taken[index] ?? nothing)
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

const nothing: Added = { outcome: 'present', linked: 0, taken: 0 }

const columnsOf = (mapping: Mapping): string[] => [...new Set(Object.values(mapping))]

const readSourceRow = (row: SourceRow, read: Run['read']): ReadRow | Refusal =>
  'broken' in row ? { reason: 'broken_row', id: undefined } : read(row.values)

/** What became of a row, where rows of the same file may be in each other's way. */
const createSettling = (
  report: Report,
  { refuse, meet }: Pick<ReturnType<typeof createReport>, 'refuse' | 'meet'>,
) => {
  const seen = createSeen()

  /** In a dry run nobody but us knows of the logins of rows before this one. */
  const linksOf = ({ identities }: ReadRow, { linked, taken }: Added): Omit<Added, 'outcome'> => {
    const keys = identities.map(({ provider, subject }) => `l:${provider} ${subject}`)
    const met = report.dry_run ? keys.filter(seen.has).length : 0
    if (report.dry_run) for (const key of keys) seen.add(key)
    return { linked: Math.max(0, linked - met), taken: Math.min(keys.length, taken + met) }
  }

  return ({ row, read }: Numbered, told: Added): void => {
    const outcome = outcomeOf(read, told.outcome, seen.has, report.dry_run)
    const { user, hasId, isUnlinked } = read
    const id = hasId ? user.id : undefined
    if (outcome !== 'created' && outcome !== 'present') {
      refuse({ row, id, reason: outcome })
      return
    }
    // the store itself remembers ids that came in
    const keys = report.dry_run ? keysOf(read) : keysOf(read).slice(2)
    for (const key of keys) if (key !== '') seen.add(key)
    if (outcome === 'present') report.already_there += 1
    else {
      report.imported += 1
      const { linked, taken } = linksOf(read, told)
      report.identities += linked
      if (taken > 0) meet({ row, id, count: taken })
      if (isUnlinked) report.unlinked += 1
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
