import type { RecordedEvent } from '../../features/events/store.js'
import type { Trail } from '../../features/events/trail.js'
import { CliError } from './cli-error.js'
import { type FilterOptions, filterOf } from './event-filter.js'
import { eventJson, eventLine } from './event-lines.js'
import type { Output } from './output.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

type Options = FilterOptions & { lines: string; follow?: boolean }
type Listing = Pick<Trail, 'list'>

/** latchkey audit tail: the newest events, and with --follow those that come. */
export const auditTail: Verb<Options> = async (task) => {
  const { options, output } = task
  const lines = linesOf(options.lines)
  const isWanted = filterOf(options)
  await withAuth(task, async ({ trail }) => {
    const list: Listing['list'] = (query) => trail.list({ ...query, subjectId: options.subject })
    const newest = await list({ newestFirst: true, limit: lookedAt })
    const wanted = newest.filter(isWanted).slice(0, lines).reverse()
    if (!options.follow) return show(wanted, output)
    for (const event of wanted) write(event, output)
    await follow({ list, told: newest }, (event) => {
      if (isWanted(event)) write(event, output)
    })
  })
}

const mostLines = 1000

const linesOf = (text: string): number => {
  const lines = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (lines >= 1 && lines <= mostLines) return lines
  const detail = `--lines must be a whole number from 1 to ${mostLines}`
  throw new CliError('wrong', 'wrong_arguments', detail)
}

/** Among so many of the newest it is looked for those that are wanted. */
const lookedAt = 10_000

const show = (events: readonly RecordedEvent[], output: Output): void =>
  output.result({ events: events.map(eventJson) }, () =>
    events.length === 0 ? 'No events.' : events.map(eventLine).join('\n'),
  )

const write = (event: RecordedEvent, { json }: Output): void => {
  process.stdout.write(`${json ? JSON.stringify(eventJson(event)) : eventLine(event)}\n`)
}

const followMilliseconds = 500
/** Of several that record at once, one with a smaller number may show a little later. */
const lateBy = 500

/** Until the process is told to stop, or nobody reads any more. */
const follow = async (
  { list, told }: Listing & { told: readonly RecordedEvent[] },
  tell: (event: RecordedEvent) => void,
): Promise<void> => {
  let last = told[0]?.sequence ?? 0
  let known = new Set(told.map(sequenceOf))
  process.stdout.on('error', () => process.exit(0))
  for (;;) {
    const page = await list({ afterSequence: last - lateBy, limit: lookedAt })
    for (const event of page) if (!known.has(event.sequence)) tell(event)
    known = new Set(page.map(sequenceOf))
    last = page.at(-1)?.sequence ?? last
    await new Promise((resolve) => setTimeout(resolve, followMilliseconds))
  }
}

const sequenceOf = ({ sequence }: RecordedEvent): number => sequence
