import { getRequest } from '../client/connection.js'
import type { Outcome } from '../client/load.js'
import type { Script } from '../client/scripts.js'
import type { Generator, Person, Server } from '../contenders.js'
import type { Sample } from '../sample.js'

/** One rate: how often a server answers, and how much of its core that takes. */
export type Measured = Outcome & { serverCpu: number }

/** @throws Error when an answer was no success: then it was not that what was measured */
export const measureRate = async (
  generator: Generator,
  server: Server,
  scripts: readonly Script[],
  seconds: number,
): Promise<Measured> => {
  const before = server.cpuSeconds()
  const outcome = await generator.apply({ port: server.port, scripts, seconds })
  if (outcome.failures > 0)
    throw new Error(`${outcome.failures} answers failed: ${outcome.failure}`)
  return { ...outcome, serverCpu: (server.cpuSeconds() - before) / outcome.seconds }
}

export const repeat = (request: string): Script => ({ kind: 'repeat', request })

export const meScript = ({ accessToken }: Person): Script =>
  repeat(getRequest('/auth/me', accessToken))

export const rateOf = (name: string, measured: Measured, bare?: Measured): Sample => ({
  [`${name}.perSecond`]: measured.perSecond,
  [`${name}.generatorCpu`]: measured.generatorCpu,
  [`${name}.serverCpu`]: measured.serverCpu,
  [`${name}.p99`]: measured.p99,
  ...(bare && {
    [`${name}.ratio`]: measured.perSecond / bare.perSecond,
    [`${name}.cpuRatio`]: perCpuSecond(measured) / perCpuSecond(bare),
  }),
})

/** On a machine with other things to do, answers for a second of the server's own time are the fairer measure. */
const perCpuSecond = ({
  perSecond,
  serverCpu,
}: {
  perSecond: number
  serverCpu: number
}): number => (serverCpu === 0 ? Number.NaN : perSecond / serverCpu)
