import type { Worker } from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../../lib/log.js'
import { trusted } from '../../lib/trusted.js'
import type { Places } from '../places.js'
import type { FromPrimary, FromWorker, Line, WorkerPlace } from './messages.js'
import { createSwitchboard } from './switchboard.js'

/** The crew: so many workers, each with a number, and for a while with its successor beside it. */
type Member = Line & {
  number: number
  pid: number | undefined
  startedAt: number
  /** Where it listens; undefined when it ended before it did. */
  ready: Promise<Places | undefined>
  ended: Promise<Ending>
  kill(signal: NodeJS.Signals): void
}
export type Ending = { code: number; signal: string | null }

type Deps = { fork(place: WorkerPlace): Worker; log: Log }

/** Who ends sooner after its start may do so again. */
const soonMilliseconds = 10_000
const [firstPause, longestPause] = [250, 30_000]
/** A successor that does not listen by then never will. */
const successionMilliseconds = 60_000

export const createCrew = ({ fork, log }: Deps) => {
  const crew = new Map<number, Member>()
  const everybody = new Set<Member>()
  const soonEnded = new Map<number, number>()
  const switchboard = createSwitchboard({ lines: everybody })
  let size = 0
  let isStopped = false

  const start = (number: number): Member => {
    const worker = fork({ number, of: size })
    const { promise: ready, settle } = createReadiness()
    const ended = new Promise<Ending>((resolve) => {
      worker.once('exit', (code: number | null, signal: string | null) =>
        resolve({ code: code ?? 1, signal }),
      )
    })
    const member: Member = {
      ...{ number, pid: worker.process.pid, startedAt: performance.now(), ready, ended },
      send: (message: FromPrimary) => {
        if (worker.isConnected()) worker.send(message)
      },
      kill: (signal) => worker.process.kill(signal),
    }
    worker.on('error', () => {}) // the exit that follows says what is to be done
    worker.on('message', (told: unknown) => {
      const message = trusted<FromWorker>(told)
      if (message.kind === 'listening') settle(message.places)
      else switchboard.take(member, message)
    })
    void ended.then((ending) => {
      settle(undefined)
      bury(member, ending)
    })
    everybody.add(member)
    return member
  }

  const bury = (member: Member, { code, signal }: Ending): void => {
    const { number, pid, startedAt } = member
    everybody.delete(member)
    switchboard.leave(member)
    if (isStopped || crew.get(number) !== member) return
    crew.delete(number)
    const isSoon = performance.now() - startedAt < soonMilliseconds
    soonEnded.set(number, isSoon ? (soonEnded.get(number) ?? 0) + 1 : 0)
    log.error(
      { worker: number, pid, exit_code: signal === null ? code : undefined, signal },
      'a worker ended unexpectedly; another one takes its place',
    )
    void fill(number)
  }

  /** Starts a worker. Once it listens it has the place, and whoever had it before retires. */
  const place = async (number: number): Promise<Places | Ending> => {
    const member = start(number)
    const late = crew.has(number)
      ? setTimeout(() => member.kill('SIGKILL'), successionMilliseconds)
      : undefined
    const places = await member.ready
    clearTimeout(late)
    if (places === undefined) return member.ended
    const other = crew.get(number)
    const isLater = other === undefined || other.startedAt < member.startedAt
    if (isLater) crew.set(number, member)
    await retire(isLater ? other : member)
    return places
  }

  const retire = async (member: Member | undefined): Promise<void> => {
    if (member === undefined) return
    member.send({ kind: 'retire' })
    await member.ended
  }

  /** Until somebody has the place; who ends again and again is started less and less often. */
  const fill = async (number: number): Promise<void> => {
    while (!isStopped && number <= size && !crew.has(number)) {
      const soon = soonEnded.get(number) ?? 0
      if (soon > 1) await pause(Math.min(longestPause, firstPause * 2 ** (soon - 2)))
      if (isStopped || crew.has(number)) return
      const outcome = await place(number)
      if (!('code' in outcome) || isStopped) return
      soonEnded.set(number, soon + 1)
      log.error({ worker: number, exit_code: outcome.code }, 'a worker could not start')
    }
  }

  const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)

  return {
    /** The first one alone: what is wrong is said once, and what is made at the first start is made once. */
    open: async (workers: number): Promise<Places | Ending> => {
      size = workers
      const outcome = await place(1)
      if (!('code' in outcome)) await Promise.all(numbersTo(workers).slice(1).map(fill))
      return outcome
    },
    /** One after the other makes room for a new one. False when a new one does not start; the others serve on. */
    renew: async (workers: number): Promise<boolean> => {
      const before = size
      size = workers
      for (const number of numbersTo(workers)) {
        if (isStopped) return true
        if ('code' in (await place(number))) return isStopped
      }
      for (const number of numbersTo(before).slice(workers)) {
        const member = crew.get(number)
        crew.delete(number)
        await retire(member)
      }
      return true
    },
    tell: (signal: NodeJS.Signals): void => {
      isStopped = true
      for (const { kill } of everybody) kill(signal)
    },
    /** How all of them ended. */
    ended: async (): Promise<Ending[]> => Promise.all([...everybody].map(({ ended }) => ended)),
  }
}
export type Crew = ReturnType<typeof createCrew>

const createReadiness = () => {
  let settle = (_places: Places | undefined): void => {}
  const promise = new Promise<Places | undefined>((resolve) => {
    settle = resolve
  })
  return { promise, settle: (places: Places | undefined) => settle(places) }
}
