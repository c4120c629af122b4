import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readTrail } from '../../features/events/read-trail.js'
import type { EventQuery, RecordedEvent } from '../../features/events/store.js'
import { CliError } from './cli-error.js'
import { type FilterOptions, filterOf } from './event-filter.js'
import { csvLine, csvTitles, eventJson } from './event-lines.js'
import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

type Options = FilterOptions & { format: string; out?: string }

/** latchkey audit export: the standard output holds nothing but the events. */
export const auditExport: Verb<Options> = (task) => {
  const { options, output } = task
  const isWanted = filterOf(options)
  return withAuth(task, async ({ trail }) => {
    let count = 0
    const list = (query: EventQuery) => trail.list({ ...query, subjectId: options.subject })
    async function* lines(): AsyncGenerator<string> {
      if (options.format === 'csv') yield `${csvTitles}\r\n`
      for await (const event of readTrail({ list }, 0, unreadable)) {
        if (!isWanted(event)) continue
        count += 1
        yield lineOf(event, options.format)
      }
    }
    if (options.out === undefined) {
      await pipeline(Readable.from(lines()), process.stdout, { end: false })
      return
    }
    // whoever may read the trail is not for the umask to decide
    await pipeline(Readable.from(lines()), createWriteStream(options.out, { mode: 0o600 }))
    const { out } = options
    output.result({ events: count, file: out }, () => `${count} events were written to ${out}`)
  })
}

const lineOf = (event: RecordedEvent, format: string): string =>
  format === 'csv' ? `${csvLine(event)}\r\n` : `${JSON.stringify(eventJson(event))}\n`

const unreadable = (afterSequence: number): never => {
  const detail = `The event behind sequence ${afterSequence} cannot be read: somebody has changed it. latchkey audit verify says more`
  throw new CliError('failed', 'unreadable_event', detail)
}
