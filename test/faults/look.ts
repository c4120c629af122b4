import type { User } from '../../src/features/accounts/store.js'
import type { EventType } from '../../src/features/events/event-types.js'
import type { RecordedEvent } from '../../src/features/events/store.js'
import type { Session } from '../../src/features/sessions/store.js'
import type { Store } from '../../src/stores/store.js'

/** What a place holds, seen from outside: each look opens it anew, as somebody who comes by. */
export type Look = {
  users(): Promise<User[]>
  sessions(): Promise<Session[]>
  /** In the order of recording. */
  events(type?: EventType): Promise<RecordedEvent[]>
  /** Numbers of the migrations that have run. */
  migrations(): Promise<number[]>
  /** Notes one more, as a later release would. */
  addMigration(number: number, name: string): Promise<void>
  /** Whether there is a table for users, be it empty. */
  hasUsers(): Promise<boolean>
  /** Changes something, or asks what only this look asks. */
  with<Result>(run: (store: Store) => Promise<Result>): Promise<Result>
}

/** What the ports do not tell. */
export type Outside = Pick<Look, 'migrations' | 'addMigration' | 'hasUsers'> & {
  open(): Store
  sessionIds(): Promise<string[]>
}

const page = 500

export const createLook = ({ open, sessionIds, ...others }: Outside): Look => {
  const looking: Look['with'] = async (run) => {
    const store = open()
    try {
      return await run(store)
    } finally {
      await store.close()
    }
  }

  return {
    ...others,
    with: looking,
    users: () => looking(({ users }) => allUsers(users)),
    sessions: async () => {
      const ids = await sessionIds()
      return looking(async ({ sessions }) => {
        const found: (Session | undefined)[] = []
        for (let at = 0; at < ids.length; at += page)
          found.push(...(await Promise.all(ids.slice(at, at + page).map(sessions.find))))
        return found.filter((session) => session !== undefined)
      })
    },
    events: async (type) => {
      const all = await looking(({ events }) => allEvents(events))
      return type === undefined ? all : all.filter((event) => event.type === type)
    },
  }
}

const allUsers = async (users: Store['users']): Promise<User[]> => {
  const found: User[] = []
  for (;;) {
    const some = await users.list({ afterId: found.at(-1)?.id, limit: page })
    found.push(...some)
    if (some.length < page) return found
  }
}

const allEvents = async (events: Store['events']): Promise<RecordedEvent[]> => {
  const found: RecordedEvent[] = []
  for (;;) {
    const some = await events.list({ afterSequence: found.at(-1)?.sequence ?? 0, limit: page })
    found.push(...some)
    if (some.length < page) return found
  }
}
