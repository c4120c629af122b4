import { getRequest, postRequest } from '../client/connection.js'
import { type Person, password, registerPeople, type Server } from '../contenders.js'
import type { Deed, Met } from './peer.js'

/** Peers that speak as latchkey does: an access token for me, a refresh token that is exchanged for the next pair. */
export const meetWithTokenPairs = async (
  server: Server,
  count: number,
  refreshes: readonly Omit<Refresh, 'people'>[],
): Promise<Met> => {
  const people = await registerPeople(server, count)
  return {
    deeds: [
      meDeed(server, people),
      ...refreshes.map((refresh) => refreshDeed(server, { ...refresh, people: copyOf(people) })),
    ],
    logins: people.map(({ email }) => ({
      kind: 'repeat',
      request: postRequest('/auth/login', { email, password }),
    })),
    stop: async () => {},
  }
}

type Refresh = Pick<Deed, 'name' | 'what' | 'equals'> & { path: string; people: Person[] }

const copyOf = (people: readonly Person[]) => people.map((person) => ({ ...person }))

const meDeed = (server: Server, people: readonly Person[]): Deed => ({
  name: 'me',
  what: 'me',
  equals: 'me',
  server,
  scripts: () =>
    people.map(({ accessToken }) => ({
      kind: 'repeat',
      request: getRequest('/auth/me', accessToken),
    })),
  remember: () => {},
})

const refreshDeed = (server: Server, { people, path, ...names }: Refresh): Deed => ({
  ...names,
  server,
  scripts: () => people.map(({ refreshToken }) => ({ kind: 'refresh', path, token: refreshToken })),
  remember: ({ left }) => {
    for (const [index, person] of people.entries())
      person.refreshToken = left[index] ?? person.refreshToken
  },
})
