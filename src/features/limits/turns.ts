/**
 * Turns: of those who ask for the same at the same time a few are served at once and the others wait, which spares the store
 * their struggle. Whoever is refused, or finds the store away, answers for all who wait at that moment.
 */
type Waiting<Result> = { go(): void; share(outcome: Promise<Result>): void }
type Line<Result> = { served: number; waiting: Waiting<Result>[] }

const mostAtOnce = 8

export const createTurns = <Result>(isRefusal: (result: Result) => boolean) => {
  const lines = new Map<string, Line<Result>>()

  const serve = async (
    key: string,
    line: Line<Result>,
    ask: () => Promise<Result>,
  ): Promise<Result> => {
    const outcome = ask()
    const isShared = await outcome.then(isRefusal, () => true)
    if (isShared) for (const { share } of line.waiting.splice(0)) share(outcome)
    const next = line.waiting.shift()
    if (next !== undefined) next.go()
    else line.served -= 1
    if (line.served === 0) lines.delete(key)
    return outcome
  }

  return {
    take: (key: string, ask: () => Promise<Result>): Promise<Result> => {
      const line = lines.get(key) ?? { served: 0, waiting: [] }
      lines.set(key, line)
      if (line.served < mostAtOnce) {
        line.served += 1
        return serve(key, line, ask)
      }
      return new Promise((resolve) => {
        line.waiting.push({ go: () => resolve(serve(key, line, ask)), share: resolve })
      })
    },
    /** How many different things are being asked for. */
    size: (): number => lines.size,
  }
}
