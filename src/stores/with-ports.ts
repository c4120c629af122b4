import type { Ports, Store } from './store.js'

/** A store in which some ports are replaced by the host's own, for example its users table. */
export const withPorts = (store: Store, ports: Partial<Ports>): Store => ({
  ...store,
  ...ports,
  transaction: (work) => store.transaction((inside) => work({ ...inside, ...ports })),
})
