import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Auth } from '../../auth.js'
import { fieldNames, type Mapping } from '../../features/accounts/import/fields.js'
import {
  type Choices,
  type Proposal,
  proposeMapping,
} from '../../features/accounts/import/mapping.js'
import type { RowRules } from '../../features/accounts/import/read-row.js'
import { safeText } from '../../lib/safe-text.js'
import { openDatabaseSource } from '../import/database-source.js'
import { openFileSource } from '../import/file-source.js'
import { type RefusedRow, type Report, reportText } from '../import/report.js'
import { runImport } from '../import/run-import.js'
import type { Source } from '../import/source.js'
import { CliError } from './cli-error.js'
import { csvCell } from './event-lines.js'
import { exitCodes } from './exit-codes.js'
import { readChoices, readFirebase, readWrap } from './import-options.js'
import { isInteractive } from './new-password.js'
import type { Output } from './output.js'
import type { Task, Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

type Options = {
  from: string
  table?: string
  map?: string[]
  yes?: boolean
  dryRun?: boolean
  report?: string
  withoutPassword?: boolean
  wrap?: string
  plaintext?: boolean
  firebase?: string
}

/** latchkey import: looks, shows what it understood, tries, asks, and takes in. */
export const importAccounts: Verb<Options> = async (task) => {
  const { options, output } = task
  const choices = readChoices(options.map ?? [])
  const wrap = readWrap(options.wrap)
  const firebase = readFirebase(options.firebase)
  const source = await output.waiting('looking at the source', () => openSource(options))
  try {
    const proposal = proposalFor(source, choices, options)
    const rules: Rules = {
      mapping: proposal.mapping,
      withoutPassword: options.withoutPassword === true,
      wrap,
      firebase,
      plaintext: options.plaintext === true,
    }
    if (!output.json) process.stdout.write(`${mappingText(source, proposal, output)}\n\n`)
    await withAuth(task, (auth) => importInto(auth, { task, source, rules, proposal }))
  } finally {
    await source.close()
  }
}

/** Accounts of a transaction. In one file more of them share what is written; elsewhere they would keep others waiting. */
const batch = 1000
const largeBatch = 4000

type Rules = Omit<RowRules, 'now' | 'emails'>

type Plan = {
  task: Task<Options>
  source: Source
  rules: Rules
  proposal: Proposal
}

const importInto = async (auth: Auth, plan: Plan): Promise<void> => {
  const { task, proposal } = plan
  const { options, output } = task
  const tell = (report: Report): void => {
    const { mapping, profile = null, ignored } = proposal
    output.result({ profile, mapping, ignored, report }, () => reportText(report))
    if (report.refused > 0) process.exitCode = exitCodes.problems
  }
  if (options.yes && !options.dryRun) return tell(await run(auth, plan, false))

  const report = await run(auth, plan, true)
  const mayAsk = !options.dryRun && !output.json && isInteractive() && report.imported > 0
  tell(report)
  if (mayAsk && (await isConfirmed(report.imported))) return tell(await run(auth, plan, false))
  if (options.dryRun) return
  if (!output.json) process.stdout.write('\nNothing was changed. Add --yes to import.\n')
  if (report.imported > 0) process.exitCode = exitCodes.pending
}

const run = async (
  auth: Auth,
  { task: { options, output }, source, rules }: Plan,
  isDryRun: boolean,
): Promise<Report> => {
  const refused = createRefusedFile(options.report)
  try {
    return await output.counting(isDryRun ? 'rows looked at' : 'rows', (onProgress) =>
      runImport({
        source,
        mapping: rules.mapping,
        batchSize: auth.store.name === 'sqlite' ? largeBatch : batch,
        read: (values) => auth.users.import.read(values, rules),
        isDryRun,
        take: (rows) =>
          isDryRun ? auth.users.import.rehearse(rows) : auth.users.import.add(rows, operator),
        onProgress,
        onRefused: refused.write,
      }),
    )
  } finally {
    await refused.close()
  }
}

const openSource = ({ from, table }: Options): Promise<Source> => {
  if (/^[a-z][a-z0-9+]+:/i.test(from) && !/^[a-z]:[\\/]/i.test(from))
    return openDatabaseSource(from, table)
  if (table !== undefined) throw wrong('--table is for databases; a file holds one table')
  return openFileSource(from)
}

const proposalFor = (source: Source, choices: Choices, options: Options): Proposal => {
  const strangers = [...choices.keys()].filter((column) => !source.columns.includes(column))
  if (strangers.length > 0)
    throw wrong(
      `--map names columns that are not there: ${list(strangers)}. There are: ${list(source.columns)}`,
    )
  const withoutPassword = options.withoutPassword === true
  const proposal = proposeMapping(source.columns, choices, { withoutPassword })
  if (proposal.questions.length > 0)
    throw new CliError(
      'wrong',
      'unclear_mapping',
      proposal.questions.map((each) => safeText(each)).join('\n'),
    )
  return proposal
}

const mappingText = (
  { title }: Source,
  { mapping, profile, ignored }: Proposal,
  { paint }: Output,
): string => {
  const service = profile === undefined ? '' : `, as the service of AUTH_PROFILE=${profile} has it`
  const lines = fieldsOf(mapping).map(
    ([field, column]) => `  ${field.padEnd(14)} ${paint('dim', 'from')} ${safeText(column, 64)}`,
  )
  return [
    `${paint('bold', safeText(title, 64))}${service}`,
    ...lines,
    ...(ignored.length > 0 ? [`  ${paint('dim', `not taken: ${list(ignored)}`)}`] : []),
  ].join('\n')
}

const fieldsOf = (mapping: Mapping): [string, string][] =>
  fieldNames.flatMap((field): [string, string][] => {
    const column = mapping[field]
    return column === undefined ? [] : [[field, column]]
  })

const list = (names: readonly string[]): string =>
  names.map((name) => safeText(name, 64)).join(', ')

const isConfirmed = async (count: number): Promise<boolean> => {
  const { confirm } = await import('@clack/prompts')
  const message = `Import ${count} accounts?`
  return (await confirm({ message, initialValue: false, output: process.stderr })) === true
}

/** Every row that stays out, for who has to mend them; a file of its own, that nobody else reads. */
const createRefusedFile = (file: string | undefined) => {
  const stream: WriteStream | undefined =
    file === undefined ? undefined : createWriteStream(file, { mode: 0o600 })
  stream?.write('row,id,reason\r\n')
  return {
    write: ({ row, id = '', reason }: RefusedRow): void => {
      stream?.write(`${row},${csvCell(id)},${csvCell(reason)}\r\n`)
    },
    close: async (): Promise<void> => {
      stream?.end()
      if (stream !== undefined) await finished(stream)
    },
  }
}

const wrong = (detail: string): CliError => new CliError('wrong', 'wrong_arguments', detail)
