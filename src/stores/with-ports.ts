import type { Annex, Ports, Store } from './store.js'

/**
 * A store in which some ports are replaced by others: the host's own, or those of another place.
 *
 * A port that stands on its own is given as it is; what it writes is not undone when a transaction of the store fails.
 * A port that wraps one of this store must be given as a function of the ports it wraps: it is asked anew for every
 * transaction, so that what it calls happens inside. Calling verbs of `store` itself there would wait for ever.
 *
 * @example withPorts(sqlStore(url), { users: ourUsers })
 * @example withPorts(sqlStore(url), redisPorts(redisUrl))
 * @example withPorts(sqlStore(url), ({ users }) => ({ users: { ...users, find: cached(users.find) } }))
 */
export const withPorts = (
  store: Store,
  given: Annex | ((originals: Ports) => Partial<Ports>),
): Store => {
  const replaced = (originals: Ports): Partial<Ports> =>
    typeof given === 'function' ? given(originals) : portsOf(given)
  const ports = { ...store, ...replaced(store) }
  const isSplit = ports.users !== store.users || ports.sessions !== store.sessions
  const annex: Annex = typeof given === 'function' ? {} : given
  return {
    ...ports,
    places: [...store.places, ...(annex.places ?? [])],
    ...(annex.counters && { counters: annex.counters }),
    ...(annex.peers && { peers: annex.peers }),
    lines: [...(store.lines ?? []), ...(annex.lines ?? [])],
    transaction: (work) => store.transaction((inside) => work({ ...inside, ...replaced(inside) })),
    ...(isSplit && { findSessionAndUser: oneByOne(ports) }),
    migrate: async () => [...(await store.migrate()), ...((await annex.migrate?.()) ?? [])],
    pendingMigrations: async () => [
      ...(await store.pendingMigrations()),
      ...((await annex.pendingMigrations?.()) ?? []),
    ],
    migrationScript: async () =>
      [await store.migrationScript(), (await annex.migrationScript?.()) ?? ''].join(''),
    concerns: async () => [...(await store.concerns()), ...((await annex.concerns?.()) ?? [])],
    mayMigrate: async () => (await store.mayMigrate?.()) ?? true,
    close: async () => {
      await Promise.all([store.close(), annex.close?.()])
    },
  }
}

/** For ports that no single query can reach. */
export const oneByOne =
  ({ sessions, users }: Pick<Ports, 'sessions' | 'users'>): Store['findSessionAndUser'] =>
  async (sessionId) => {
    const session = await sessions.find(sessionId)
    return session && { session, user: await users.find(session.userId) }
  }

const portsOf = ({
  users,
  sessions,
  keys,
  events,
  attempts,
  recorders,
  identities,
  spent,
}: Annex): Partial<Ports> => ({
  ...(users && { users }),
  ...(sessions && { sessions }),
  ...(keys && { keys }),
  ...(events && { events }),
  ...(attempts && { attempts }),
  ...(recorders && { recorders }),
  ...(identities && { identities }),
  ...(spent && { spent }),
})
