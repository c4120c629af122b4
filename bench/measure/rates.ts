import { getRequest } from '../client/connection.js'
import type { Outcome } from '../client/load.js'
import type { Script } from '../client/scripts.js'
import { type Generator, type Person, registerPeople, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'

/** Rates on one core against a bare hello: me with a known token and with a new one, and refresh. */
const connections = 16

export const prepareRates = async (deps: {
  hello: Server
  latchkey: Server
  generator: Generator
}) => {
  const { hello, latchkey, generator } = deps
  const people = await registerPeople(latchkey, connections)

  const measure = async (
    server: Server,
    scripts: readonly Script[],
    seconds: number,
  ): Promise<Outcome & { serverCpu: number }> => {
    const before = server.cpuSeconds()
    const outcome = await generator.apply({ port: server.port, scripts, seconds })
    if (outcome.failures > 0)
      throw new Error(`${outcome.failures} answers failed: ${outcome.failure}`)
    return { ...outcome, serverCpu: (server.cpuSeconds() - before) / outcome.seconds }
  }

  const remember = (outcome: Outcome): void => {
    for (const [index, person] of people.entries()) {
      person.refreshToken = outcome.left[index] ?? person.refreshToken
      person.accessToken = outcome.accessTokens.at(-1 - index) ?? person.accessToken
    }
  }

  return async (seconds: number): Promise<Sample> => {
    const same = Array.from({ length: connections }, () => getRequest('/'))
    const bare = await measure(hello, same.map(repeat), seconds)
    const me = await measure(latchkey, people.map(meRequest).map(repeat), seconds)
    const refresh = await measure(latchkey, people.map(refreshScript), seconds)
    remember(refresh)
    // every token that refresh gave out is shown once, so each has to be verified in full
    const first = await measure(latchkey, dealOut(refresh.accessTokens), 60)
    return {
      ...rateOf('hello', bare),
      ...rateOf('me', me, bare),
      ...rateOf('refresh', refresh, bare),
      ...rateOf('first', first, bare),
    }
  }
}

const repeat = (request: string): Script => ({ kind: 'repeat', request })
const meRequest = ({ accessToken }: Person): string => getRequest('/auth/me', accessToken)
const refreshScript = ({ refreshToken }: Person): Script => ({
  kind: 'refresh',
  token: refreshToken,
})

const dealOut = (tokens: readonly string[]): Script[] =>
  Array.from({ length: connections }, (_, place) => ({
    kind: 'list',
    requests: tokens
      .filter((_token, index) => index % connections === place)
      .map((token) => getRequest('/auth/me', token)),
  }))

const rateOf = (
  name: string,
  measured: Outcome & { serverCpu: number },
  bare?: Outcome & { serverCpu: number },
): Sample => ({
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
