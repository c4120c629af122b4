import type { Auth } from '../../src/auth.js'
import { type Choices, proposeMapping } from '../../src/features/accounts/import/mapping.js'
import type { PasswordRules } from '../../src/features/accounts/import/read-password.js'
import type { User } from '../../src/features/accounts/store.js'
import type { RefusedRow, Report } from '../../src/server/import/report.js'
import { runImport } from '../../src/server/import/run-import.js'
import type { Source } from '../../src/server/import/source.js'

/** What `latchkey import` does, without its words: for tests that are about the rows. */
export const takeIn = async (
  auth: Auth,
  source: Source,
  { isDryRun = false, choices = new Map(), ...passwords }: Partial<Taking> = {},
): Promise<{ report: Report; refused: RefusedRow[]; profile: string | undefined }> => {
  const { mapping, profile, questions } = proposeMapping(source.columns, choices)
  if (questions.length > 0) throw new Error(questions.join('\n'))
  const refused: RefusedRow[] = []
  const rules = { withoutPassword: false, wrap: undefined, plaintext: false, ...passwords, mapping }
  const report = await runImport({
    source,
    mapping,
    batchSize: 1000,
    isDryRun,
    read: (values) => auth.users.import.read(values, rules),
    take: (rows) =>
      isDryRun ? auth.users.import.rehearse(rows) : auth.users.import.add(rows, { actor: 'test' }),
    onProgress: () => {},
    onRefused: (row) => refused.push(row),
  })
  return { report, refused, profile }
}
type Taking = PasswordRules & { isDryRun: boolean; choices: Choices }

export const usersOf = ({ store }: Auth): Promise<User[]> => store.users.list({ limit: 1000 })
