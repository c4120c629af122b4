import { getRequest } from '../client/connection.js'
import { type Generator, registerPeople, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'

/** What a reader notices while 32 clients refresh as fast as they can, on the one core of the server. */
export const prepareRefreshFlood = async (deps: {
  latchkey: Server
  generator: Generator
  bystander: Generator
}) => {
  const { latchkey, generator, bystander } = deps
  const [reader, ...people] = await registerPeople(latchkey, 33)

  return async (seconds: number): Promise<Sample> => {
    const [flood, me] = await Promise.all([
      generator.apply({
        port: latchkey.port,
        scripts: people.map(({ refreshToken }) => ({ kind: 'refresh', token: refreshToken })),
        seconds,
      }),
      bystander.apply({
        port: latchkey.port,
        scripts: Array.from({ length: 4 }, () => ({
          kind: 'repeat',
          request: getRequest('/auth/me', reader?.accessToken),
        })),
        seconds,
        pauseMilliseconds: 5,
      }),
    ])
    for (const [index, person] of people.entries())
      person.refreshToken = flood.left[index] ?? person.refreshToken
    return { 'refreshFlood.perSecond': flood.perSecond, 'refreshFlood.me': me.p99 }
  }
}
