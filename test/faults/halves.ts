import type { EventType } from '../../src/features/events/event-types.js'
import type { RecordedEvent } from '../../src/features/events/store.js'
import type { Look } from './look.js'

/** Changes and events that belong together, and how many stand alone. */
export type Halves = Record<'changesWithoutEvent' | 'eventsWithoutChange' | 'orphans', string[]>

export const noHalves: Halves = { changesWithoutEvent: [], eventsWithoutChange: [], orphans: [] }

/** Compares all that is kept with the trail. Sentences, so that a failing test says what was torn apart. */
export const halvesOf = async (look: Look): Promise<Halves> => {
  const [users, sessions, events] = [await look.users(), await look.sessions(), await look.events()]
  const halves: Halves = { changesWithoutEvent: [], eventsWithoutChange: [], orphans: [] }
  const compare = (what: string, changes: number, told: number): void => {
    if (changes > told) halves.changesWithoutEvent.push(`${what}: ${changes} for ${told} events`)
    if (changes < told) halves.eventsWithoutChange.push(`${what}: ${changes} for ${told} events`)
  }

  const kept = new Set(users.map(({ id }) => id))
  const ofUser = countBy(events, ({ subjectId }) => subjectId)
  const registered = new Set(events.flatMap(subjectIf('account.registered')))
  const deleted = new Set(events.flatMap(subjectIf('account.deleted')))
  for (const id of new Set([...kept, ...registered])) {
    compare(
      `user ${id} made`,
      kept.has(id) || deleted.has(id) ? 1 : 0,
      ofUser(id, 'account.registered'),
    )
    compare(`user ${id} deleted`, kept.has(id) ? 0 : 1, ofUser(id, 'account.deleted'))
  }
  const ofSession = countBy(events, ({ sessionId }) => sessionId)
  for (const { id, userId, generation, revokedAt } of sessions) {
    if (!kept.has(userId)) halves.orphans.push(`session ${id} of nobody`)
    compare(`session ${id} opened`, 1, ofSession(id, 'login.succeeded'))
    compare(`session ${id} rotated`, generation, ofSession(id, 'session.refreshed'))
    const endings = ofSession(id, 'session.ended') + ofSession(id, 'session.reused')
    // who changes the password ends the other sessions, and one event tells of all
    const isTold = endings === 0 && ofUser(userId, 'password.changed') > 0
    compare(`session ${id} ended`, revokedAt === null || isTold ? 0 : 1, endings)
  }
  return halves
}

const subjectIf =
  (wanted: EventType) =>
  ({ type, subjectId }: RecordedEvent): string[] =>
    type === wanted && subjectId !== null ? [subjectId] : []

const countBy = (
  events: readonly RecordedEvent[],
  idOf: (event: RecordedEvent) => string | null,
): ((id: string, type: EventType) => number) => {
  const counts = new Map<string, number>()
  for (const event of events) {
    const key = `${idOf(event)} ${event.type}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return (id, type) => counts.get(`${id} ${type}`) ?? 0
}
