import { setTimeout as wait } from 'node:timers/promises'
import { percentile } from '../statistics.js'
import { type Answer, type Connection, openConnection } from './connection.js'
import { type RunningScript, type Script, scriptOf } from './scripts.js'

/** What the generator is asked to do: each script on a connection of its own, one request after the other. */
export type Load = {
  port: number
  scripts: readonly Script[]
  /** How long; scripts that come to an end may be done earlier. */
  seconds: number
  /** A pause after each answer, for bystanders who ask now and then. */
  pauseMilliseconds?: number
}

export type Outcome = {
  answers: number
  seconds: number
  perSecond: number
  /** Milliseconds from the request to its answer. */
  median: number
  p99: number
  longest: number
  /** How many answers were not a success, and one of them. */
  failures: number
  failure: string | undefined
  /** Part of one core that this generator used itself. */
  generatorCpu: number
  /** What the scripts hold at the end, in their order: refresh tokens. */
  left: (string | undefined)[]
  /** The access tokens that were given out on the way. */
  accessTokens: string[]
  /** The last one of each script. */
  lastAccessTokens: (string | undefined)[]
}

export const applyLoad = async ({
  port,
  scripts,
  seconds,
  pauseMilliseconds,
}: Load): Promise<Outcome> => {
  const connections = await Promise.all(scripts.map(() => openConnection(port)))
  const running = scripts.map(scriptOf)
  const latencies: number[] = []
  const failed: Answer[] = []
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000

  const converse = async (connection: Connection, script: RunningScript): Promise<void> => {
    for (;;) {
      const request = performance.now() < endsAt ? script.next() : undefined
      if (request === undefined) return
      const sentAt = performance.now()
      const answer = await connection.ask(request)
      latencies.push(performance.now() - sentAt)
      if (answer.status >= 200 && answer.status <= 299) script.hear(answer.body)
      else failed.push(answer)
      if (answer.status === 0) return
      if (pauseMilliseconds !== undefined) await wait(pauseMilliseconds)
    }
  }

  await Promise.all(
    connections.map((connection, index) => {
      const script = running[index]
      return script && converse(connection, script)
    }),
  )
  const elapsed = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  for (const connection of connections) connection.close()
  latencies.sort((a, b) => a - b)
  return {
    answers: latencies.length,
    seconds: elapsed,
    perSecond: latencies.length / elapsed,
    median: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    longest: latencies.at(-1) ?? 0,
    failures: failed.length,
    failure: failed[0] && `${failed[0].status} ${failed[0].body}`,
    generatorCpu: (cpu.user + cpu.system) / 1e6 / elapsed,
    left: running.map(({ left }) => left()),
    accessTokens: running.flatMap(({ accessTokens }) => accessTokens),
    lastAccessTokens: running.map(({ accessTokens }) => accessTokens.at(-1)),
  }
}
