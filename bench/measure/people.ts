import { getRequest, postRequest } from '../client/connection.js'
import type { Script } from '../client/scripts.js'
import { type Generator, password, registerPeople, type Server } from '../contenders.js'
import { type Measured, measureRate, meScript, repeat } from './rate.js'

/** People who are signed in to a latchkey, each on a connection of their own, and what they do as fast as it answers. */
export const connections = 16

export const meetPeople = async (server: Server, generator: Generator, count = connections) => {
  const people = await registerPeople(server, count)
  let where = server
  const measure = (scripts: readonly Script[], seconds: number) =>
    measureRate(generator, where, scripts, seconds)
  /** Access tokens that nobody has shown yet. */
  let fresh: readonly string[] = []

  return {
    me: (seconds: number): Promise<Measured> => measure(people.map(meScript), seconds),
    login: (seconds: number): Promise<Measured> =>
      measure(
        people.map(({ email }) => repeat(postRequest('/auth/login', { email, password }))),
        seconds,
      ),
    refresh: async (seconds: number): Promise<Measured> => {
      const outcome = await measure(
        people.map(({ refreshToken }) => ({ kind: 'refresh', token: refreshToken })),
        seconds,
      )
      for (const [index, person] of people.entries()) {
        person.refreshToken = outcome.left[index] ?? person.refreshToken
        person.accessToken = outcome.lastAccessTokens[index] ?? person.accessToken
      }
      fresh = outcome.accessTokens
      return outcome
    },
    /** Every token that the last refreshes gave out is shown once, so each has to be verified in full. */
    first: (): Promise<Measured> => measure(dealOut(fresh, count), 60),
    /** Their server was started again. */
    moveTo: (started: Server): void => {
      where = started
    },
    /** Of one of them. */
    accessToken: (): string | undefined => people[0]?.accessToken,
  }
}
export type People = Awaited<ReturnType<typeof meetPeople>>

const dealOut = (tokens: readonly string[], count: number): Script[] =>
  Array.from({ length: count }, (_, place) => ({
    kind: 'list',
    requests: tokens
      .filter((_token, index) => index % count === place)
      .map((token) => getRequest('/auth/me', token)),
  }))
