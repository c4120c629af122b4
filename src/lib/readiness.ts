/** Something that must have happened before anything else: once, and again only when it failed. */
export const createReadiness = (start: () => Promise<void>) => {
  let started: Promise<void> | undefined

  const ready = (): Promise<void> => {
    started ??= start().catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }

  const whenReady =
    <Arguments extends unknown[], Result>(run: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      await ready()
      return run(...given)
    }

  return { ready, whenReady }
}
