/** A map that forgets its oldest entries when full, so that no caller can make it grow. */
export type BoundedMap<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  deleteWhere(matches: (value: Value) => boolean): void
  clear(): void
  /** What was set before the last turn is forgotten. For what is worthless after a while: two turns apart, nothing older stays. */
  turn(): void
  size(): number
}

/**
 * Two generations: new entries go to the young one; when that is full it becomes the old one, and what was old is forgotten.
 * So the newest half is there for certain, and nothing has to be found or moved to make room. Reading renews nothing.
 */
export const createBoundedMap = <Value>(limit: number): BoundedMap<Value> => {
  const half = Math.max(1, Math.floor(limit / 2))
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  const turn = (): void => {
    old = young
    young = new Map()
  }

  return {
    get: (key) => young.get(key) ?? old.get(key),
    set: (key, value) => {
      if (young.size >= half && !young.has(key)) turn()
      young.set(key, value)
      old.delete(key)
    },
    delete: (key) => {
      young.delete(key)
      old.delete(key)
    },
    deleteWhere: (matches) => {
      for (const entries of [young, old])
        for (const [key, value] of entries) if (matches(value)) entries.delete(key)
    },
    clear: () => {
      young = new Map()
      old = new Map()
    },
    turn,
    size: () => young.size + old.size,
  }
}
