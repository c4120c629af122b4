/** Keys in the order they came, any of which can leave. */
export type Queue = {
  add(key: string): void
  remove(key: string): void
  /** The one that has been there longest. It is asked for only to be removed: the next answer is another one. */
  oldest(): string | undefined
  size(): number
}

export const createQueue = (): Queue => {
  const keys = new Set<string>()
  // kept, because a new one would walk past all that have left since the set was last tidied up
  let walk = keys.values()

  const oldest = (): string | undefined => {
    let step = walk.next()
    if (step.done) {
      walk = keys.values()
      step = walk.next()
    }
    return step.done ? undefined : step.value
  }

  return {
    add: (key) => {
      keys.add(key)
    },
    remove: (key) => {
      keys.delete(key)
    },
    oldest,
    size: () => keys.size,
  }
}
