import { findingText } from './audit-verify.js'
import { CliError } from './cli-error.js'
import { instantOf } from './event-filter.js'
import { exitCodes } from './exit-codes.js'
import type { Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

/** latchkey audit prune: says what would go, and with --yes takes it away. */
export const auditPrune: Verb<{ before: string; yes?: boolean }> = (task) => {
  const { options, output } = task
  const before = instantOf('--before', options.before)
  return withAuth(task, async ({ trail }) => {
    const isDryRun = options.yes !== true
    const { removed, report } = await output.waiting('verifying and counting', () =>
      trail.prune({ before, isDryRun }, operator),
    )
    const [finding] = report.findings
    if (finding !== undefined) {
      process.exitCode = exitCodes.tampered
      const detail = `Nothing was pruned: the trail is not intact. ${findingText(finding)}. latchkey audit verify says more`
      throw new CliError('tampered', 'trail_not_intact', detail)
    }
    const until = before.toISOString()
    output.result({ removed: isDryRun ? 0 : removed, found: removed, before: until }, () =>
      isDryRun
        ? `${removed} events of before ${until} would go. With --yes they do; export them first if somebody may ask for them: latchkey audit export --until ${until}`
        : `${removed} events of before ${until} are gone. What proves the rest was kept.`,
    )
  })
}
