import type { Store } from '../stores/store.js'

/** Where a case of the contract runs: an empty place, opened by one or several instances at once. */
export type Place = {
  store: Store
  /** All instances that have the place open; `store` is the first. */
  instances: readonly Store[]
}

/** What a store must do, as sentences, and how each is tried. */
export type Contract = Readonly<Record<string, (place: Place) => Promise<void>>>

const callers = 20

/**
 * Many callers at once, spread over all instances. Nobody who waits at the gate goes on before all have arrived there, so
 * everybody has read before anybody writes.
 */
export const race = <Result>(
  place: Place,
  run: (store: Store, gate: () => Promise<void>, index: number) => Promise<Result>,
): Promise<Result[]> => {
  const gate = createArrivalGate(callers)
  const of = Array.from({ length: callers }, (_, index) => index)
  return Promise.all(of.map((index) => run(storeOf(place, index), gate, index)))
}

/** The instance that a caller uses: all take turns. */
export const storeOf = ({ instances }: Place, index: number): Store => {
  const store = instances[index % instances.length]
  if (store === undefined) throw new Error('A place needs an instance')
  return store
}

/** Lets nobody through until so many have come. */
export const createArrivalGate = (expected: number): (() => Promise<void>) => {
  const waiting: (() => void)[] = []
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length >= expected) for (const open of waiting) open()
    })
}
