/** A map that forgets its oldest entry when full, so that no caller can make it grow. */
export type BoundedMap<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  deleteWhere(matches: (value: Value) => boolean): void
  clear(): void
  size(): number
}

/** Reading does not renew an entry: first in, first out needs no write on the hot path. */
export const createBoundedMap = <Value>(limit: number): BoundedMap<Value> => {
  const entries = new Map<string, Value>()
  // kept, because a new one would walk past every entry that has gone since the map was last tidied up
  let walk = entries.keys()

  const forgetOldest = (): void => {
    let step = walk.next()
    if (step.done) {
      walk = entries.keys()
      step = walk.next()
    }
    if (!step.done) entries.delete(step.value)
  }

  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > limit) forgetOldest()
    },
    delete: (key) => {
      entries.delete(key)
    },
    deleteWhere: (matches) => {
      for (const [key, value] of entries) if (matches(value)) entries.delete(key)
    },
    clear: () => entries.clear(),
    size: () => entries.size,
  }
}
