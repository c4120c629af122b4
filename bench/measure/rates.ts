import { getRequest } from '../client/connection.js'
import type { Outcome } from '../client/load.js'
import type { Script } from '../client/scripts.js'
import { type Generator, type Person, registerPeople, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { measureRate, meScript, rateOf, repeat } from './rate.js'

/** Rates on one core against a bare hello: me with a known token and with a new one, and refresh. */
const connections = 16

export const prepareRates = async (deps: {
  hello: Server
  latchkey: Server
  generator: Generator
}) => {
  const { hello, latchkey, generator } = deps
  const people = await registerPeople(latchkey, connections)

  const measure = (server: Server, scripts: readonly Script[], seconds: number) =>
    measureRate(generator, server, scripts, seconds)

  const remember = (outcome: Outcome): void => {
    for (const [index, person] of people.entries()) {
      person.refreshToken = outcome.left[index] ?? person.refreshToken
      person.accessToken = outcome.accessTokens.at(-1 - index) ?? person.accessToken
    }
  }

  return async (seconds: number): Promise<Sample> => {
    const same = Array.from({ length: connections }, () => getRequest('/'))
    const bare = await measure(hello, same.map(repeat), seconds)
    const me = await measure(latchkey, people.map(meScript), seconds)
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
