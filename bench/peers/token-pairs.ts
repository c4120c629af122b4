import { getRequest, postRequest } from '../client/connection.js'
import type { Script } from '../client/scripts.js'
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
      ...refreshes.map((refresh) =>
        // one kind of refresh knows nothing of the tokens another gave out
        refreshDeed(server, {
          ...refresh,
          people: refresh.equals === undefined ? copyOf(people) : people,
        }),
      ),
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
  scripts: async () => people.map(meScript),
  reader: () => readerOf(people),
  remember: () => {},
})

const meScript = ({ accessToken }: Pick<Person, 'accessToken'>): Script => ({
  kind: 'repeat',
  request: getRequest('/auth/me', accessToken),
})
const readerOf = ([reader]: readonly Person[]): Script =>
  meScript(reader ?? { accessToken: 'nobody' })

const refreshDeed = (server: Server, { people, path, ...names }: Refresh): Deed => ({
  ...names,
  server,
  scripts: async () =>
    people.map(({ refreshToken }) => ({ kind: 'refresh', path, token: refreshToken })),
  reader: () => readerOf(people),
  remember: ({ left, accessTokens }) => {
    for (const [index, person] of people.entries()) {
      person.refreshToken = left[index] ?? person.refreshToken
      person.accessToken = accessTokens.at(-1 - index) ?? person.accessToken
    }
  },
})
