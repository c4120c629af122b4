import { AuthError } from '../../errors.js'
import type { EventStore, RecordedEvent } from './store.js'

/** Every event behind a sequence, page by page. What no driver can read is told and ends it: it is somebody's work. */
export async function* readTrail(
  events: Pick<EventStore, 'list'>,
  afterSequence: number,
  onUnreadable: (afterSequence: number) => void,
): AsyncGenerator<RecordedEvent, void> {
  let last = afterSequence
  let limit = pageSize
  for (;;) {
    const page = await readPage(events, last, limit)
    if (page === undefined) {
      if (limit === 1) return onUnreadable(last)
      limit = Math.ceil(limit / 10) // closer to the one that cannot be read
      continue
    }
    yield* page
    last = page.at(-1)?.sequence ?? last
    if (page.length < limit) return
  }
}

const pageSize = 1000

const readPage = (
  events: Pick<EventStore, 'list'>,
  afterSequence: number,
  limit: number,
): Promise<RecordedEvent[] | undefined> =>
  events.list({ afterSequence, limit }).catch((error: unknown) => {
    if (error instanceof AuthError) throw error
    return undefined
  })
