import type { Ports, Store } from './store.js'

/**
 * A store in which some ports are replaced by the host's own, for example its users table.
 *
 * A port that stands on its own is given as it is; what it writes is not undone when a transaction of the store fails.
 * A port that wraps one of this store must be given as a function of the ports it wraps: it is asked anew for every
 * transaction, so that what it calls happens inside. Calling verbs of `store` itself there would wait for ever.
 *
 * @example withPorts(sqlStore(url), { users: ourUsers })
 * @example withPorts(sqlStore(url), ({ users }) => ({ users: { ...users, find: cached(users.find) } }))
 */
export const withPorts = (
  store: Store,
  ports: Partial<Ports> | ((originals: Ports) => Partial<Ports>),
): Store => {
  const replaced = (originals: Ports): Partial<Ports> =>
    typeof ports === 'function' ? ports(originals) : ports
  return {
    ...store,
    ...replaced(store),
    transaction: (work) => store.transaction((inside) => work({ ...inside, ...replaced(inside) })),
  }
}
