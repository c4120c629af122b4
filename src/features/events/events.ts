import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import type { Log } from '../../lib/log.js'
import type { Ports } from '../../stores/store.js'
import { alertTypes, type EventType } from './event-types.js'
import type { Lease } from './lanes.js'
import type { Recorders } from './recorders.js'
import type { AuthEvent } from './store.js'

/** Events: what happened, told once to the trail in the store and, after it is safe there, to whoever listens. */
export type EventListener = (event: AuthEvent) => void | Promise<void>

type Happening = {
  outcome?: 'success' | 'failure'
  actorId?: string | null
  subjectId?: string | null
  sessionId?: string | null
  details?: AuthEvent['details']
}

type Deps = {
  transaction: <Result>(work: (ports: Ports) => Promise<Result>) => Promise<Result>
  clock: Clock
  log: Log
  listeners: readonly EventListener[]
  alertListeners: readonly EventListener[]
  recorders: Pick<Recorders, 'lessor'>
}

/** Ports in which `record` writes to the trail of the same transaction. */
export type Recording = Ports & {
  record(type: EventType, caller: Caller, happening?: Happening): Promise<void>
}

export const createEvents = (deps: Deps) => {
  const { transaction, clock, log, listeners: first, alertListeners, recorders } = deps
  const listeners = new Set(first)

  /** Runs a change together with the events it records; listeners hear of them when both are safe. */
  const commit = async <Result>(work: (ports: Recording) => Promise<Result>): Promise<Result> => {
    const lease = await recorders.lessor()
    let recorded: AuthEvent[] = []
    let lane: Lease | undefined
    const giveUp = (): void => {
      lane?.abandon()
      lane = undefined
      recorded = []
    }
    const result = await transaction((ports) => {
      giveUp() // the store may run the work again
      const record: Recording['record'] = async (type, caller, happening = {}) => {
        const event = describe(type, caller, happening, clock())
        lane ??= lease()
        await ports.events.append(lane.add(event))
        recorded.push(event)
      }
      return work({ record, ...ports })
    }).catch((error: unknown) => {
      giveUp()
      throw error
    })
    lane?.confirm()
    for (const event of recorded) tell(event)
    return result
  }

  const tell = (event: AuthEvent): void => {
    log[levelOf(event.type)]({ event: event.type, ...brief(event) }, event.type)
    for (const listener of listeners) hear(listener, event)
    if (alerts.has(event.type)) for (const listener of alertListeners) hear(listener, event)
  }

  const hear = (listener: EventListener, event: AuthEvent): void => {
    const complain = (error: unknown): void =>
      log.error({ event: event.type, err: error }, 'an event listener failed')
    try {
      Promise.resolve(listener(event)).catch(complain)
    } catch (error) {
      complain(error)
    }
  }

  return {
    commit,
    /** Adds a listener; the returned function removes it. Listeners cannot change an outcome. */
    listen: (listener: EventListener): (() => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
export type Events = ReturnType<typeof createEvents>

const describe = (type: EventType, caller: Caller, happening: Happening, at: Date): AuthEvent => ({
  id: createId(at),
  type,
  at,
  outcome: happening.outcome ?? 'success',
  actorId:
    happening.actorId === undefined
      ? (caller.actor ?? happening.subjectId ?? null)
      : happening.actorId,
  subjectId: happening.subjectId ?? null,
  sessionId: happening.sessionId ?? null,
  address: caller.address ?? null,
  userAgent: caller.userAgent ?? null,
  requestId: caller.requestId ?? null,
  details: happening.details ?? {},
})

const alerts: ReadonlySet<EventType> = new Set(alertTypes)

const levelOf = (type: EventType): 'debug' | 'info' | 'warn' => {
  if (type === 'session.refreshed') return 'debug' // happens all the time and says little
  return alerts.has(type) ? 'warn' : 'info'
}

const brief = ({ outcome, subjectId, sessionId, address, requestId }: AuthEvent): object => ({
  outcome,
  subject_id: subjectId,
  session_id: sessionId,
  address,
  request_id: requestId,
})
