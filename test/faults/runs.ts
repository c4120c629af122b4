import { vi } from 'vitest'
import type { TestServer } from '../servers.js'
import { type Caller, pause, quantile } from './calls.js'
import type { GroundName } from './ground.js'

/** Tried for longer than the others: everything starts with the one, and most services run on the other. */
export const isMain = (name: GroundName): boolean => name === 'sqlite' || name === 'postgres'

/** Long runs measure; short ones, in `npm test`, keep watch. */
export const isLong = process.env.FAULTS === 'long'

// generous: a busy machine is slow, and that is no fault
const timeout = isLong ? 1_800_000 : 180_000
vi.setConfig({ testTimeout: timeout, hookTimeout: timeout })

/** Figures for docs/promises.md, and whatever is needed to repeat a run. */
export const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** The same numbers again for the same seed (mulberry32). FAULTS_SEED repeats a run. */
export const createRandom = (
  title: string,
): { seed: number; upTo(limit: number): number; next(): number } => {
  const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 32))
  say(`${title}: seed ${seed}`)
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { seed, next, upTo: (limit) => Math.floor(next() * limit) }
}

type KillRun = {
  server: TestServer
  caller: Pick<Caller, 'answered'>
  kills: number
  /** Unless the run is long, no further kill after this. */
  seconds: number
  random: ReturnType<typeof createRandom>
  /** Loops until it is told that the run is over. */
  client(index: number, isOver: () => boolean): Promise<void>
  clients: number
  /** How long it lives at most. */
  lifeMilliseconds?: number
}

/** Where a start is slow, one kill after the other would meet nobody at work. */
const somethingAnswered = async ({ answered }: Pick<Caller, 'answered'>): Promise<void> => {
  const before = answered()
  const end = performance.now() + 5000
  while (answered() === before && performance.now() < end) await pause(5)
}

/** How often, how long and how far apart, where what is killed is many small changes and not one. */
export const killsAmongChanges = (name: GroundName) => ({
  kills: isLong ? 100 : isMain(name) ? 8 : 3,
  seconds: isMain(name) ? 2.5 : 1.2,
  lifeMilliseconds: 800,
})

/** Clients at work while the server is killed at random moments and started again, over and over. */
export const runUnderKills = async ({
  server,
  caller,
  kills,
  seconds,
  random,
  client,
  clients,
  lifeMilliseconds = 350,
}: KillRun) => {
  let isOver = false
  const restarts: number[] = []
  const working = Promise.all(
    Array.from({ length: clients }, (_, index) => client(index, () => isOver)),
  )
  const killing = (async () => {
    const end = isLong ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
    while (restarts.length < kills && performance.now() < end) {
      await somethingAnswered(caller)
      await pause(30 + random.upTo(lifeMilliseconds))
      await server.kill()
      const started = performance.now()
      await server.restart()
      restarts.push(performance.now() - started)
    }
    await pause(200)
    isOver = true
  })()
  try {
    // a client that finds a fault ends the run at once
    await Promise.race([working, killing])
    await Promise.all([working, killing])
  } finally {
    isOver = true
    await Promise.allSettled([working, killing])
  }
  return {
    kills: restarts.length,
    medianRestart: Math.round(quantile(restarts, 0.5)),
    longestRestart: Math.round(Math.max(...restarts)),
  }
}
