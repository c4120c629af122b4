/**
 * Turns: those who ask for the same at the same time go one after the other, which spares the store their struggle. Whoever
 * is refused, or finds the store away, answers for all who were waiting behind.
 */
export const createTurns = <Result>(isRefusal: (result: Result) => boolean) => {
  const last = new Map<string, Promise<Result>>()

  return {
    take: async (key: string, ask: () => Promise<Result>): Promise<Result> => {
      const before = last.get(key)
      const mine = before === undefined ? ask() : after(before, ask)
      last.set(key, mine)
      try {
        return await mine
      } finally {
        if (last.get(key) === mine) last.delete(key)
      }
    },
    /** How many different things are being asked for. */
    size: (): number => last.size,
  }

  async function after(before: Promise<Result>, ask: () => Promise<Result>): Promise<Result> {
    const result = await before
    return isRefusal(result) ? result : ask()
  }
}
