/** What an OpenID provider of a test keeps: in memory, and as long as it runs. */
type Payload = Record<string, unknown>

export const createAdapter = () => {
  const kept = new Map<string, Payload>()

  return (model: string) => {
    const key = (id: string): string => `${model} ${id}`
    return {
      upsert: async (id: string, payload: Payload) => {
        kept.set(key(id), payload)
      },
      find: async (id: string) => kept.get(key(id)),
      findByUid: async (uid: string) =>
        [...kept].find(
          ([name, payload]) => name.startsWith(`${model} `) && payload.uid === uid,
        )?.[1],
      findByUserCode: async () => undefined,
      consume: async (id: string) => {
        const payload = kept.get(key(id))
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id: string) => {
        kept.delete(key(id))
      },
      revokeByGrantId: async (grantId: string) => {
        for (const [name, payload] of kept) if (payload.grantId === grantId) kept.delete(name)
      },
    }
  }
}
