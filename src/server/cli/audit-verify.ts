import { existsSync, readFileSync } from 'node:fs'
import { findCheckpoints } from '../../features/events/checkpoints.js'
import type { Finding } from '../../features/events/findings.js'
import type { TrailReport } from '../../features/events/verify.js'
import { safeText } from '../../lib/safe-text.js'
import { CliError } from './cli-error.js'
import { exitCodes } from './exit-codes.js'
import type { Output } from './output.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

/** latchkey audit verify */
export const auditVerify: Verb<{ checkpoint?: string }> = (task) =>
  withAuth(task, async ({ trail }) => {
    const { options, output } = task
    const checkpoints = options.checkpoint === undefined ? [] : checkpointsIn(options.checkpoint)
    const report = await output.counting('events verified', (onProgress) =>
      trail.verify({ checkpoints, onProgress }),
    )
    output.result({ ...reportJson(report), checkpoints_given: checkpoints.length }, () =>
      reportText(report, checkpoints.length, output.paint),
    )
    if (!report.isIntact) process.exitCode = exitCodes.tampered
  })

/** A checkpoint itself, or a file in which there are some: a log as it was written will do. */
const checkpointsIn = (given: string): string[] => {
  const found = findCheckpoints(existsSync(given) ? readFileSync(given, 'utf8') : given)
  if (found.length > 0) return found
  const detail = '--checkpoint is neither a checkpoint nor a file in which there is one'
  throw new CliError('wrong', 'wrong_arguments', detail)
}

const reportJson = (report: TrailReport): object => ({
  intact: report.isIntact,
  events: report.events,
  unchained: report.unchained,
  pruned: report.pruned,
  recorders: report.recorders,
  findings: report.findings,
})

const reportText = (report: TrailReport, given: number, paint: Output['paint']): string => {
  const { isIntact, events, unchained, pruned, recorders, findings } = report
  const count = `${events} events by ${recorders} ${recorders === 1 ? 'process' : 'processes'}`
  const notes = [
    ...(pruned > 0 ? [`${pruned} older events were pruned, and are accounted for.`] : []),
    ...(unchained > 0
      ? [`${unchained} events are from before the chain: nothing proves them.`]
      : []),
    ...(given > 0 ? [`${given} checkpoints that were kept elsewhere were compared.`] : []),
  ]
  return isIntact
    ? [`${paint('green', '✓')} the trail is intact: ${count}`, ...notes].join('\n')
    : [
        `${paint('red', '✗')} the trail is NOT intact (${count} were looked at)`,
        ...findings.map((finding) => `  ${findingText(finding)}`),
        ...notes,
      ].join('\n')
}

/** What stands in the trail may be anybody's work, also where it is shown. */
export const findingText = ({ what, detail, ...place }: Finding): string => {
  const places = Object.entries(place)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${safeText(String(value), 64)}`)
  return `${what}: ${detail}${places.length === 0 ? '' : ` (${places.join(', ')})`}`
}
