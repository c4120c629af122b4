import type { Ground } from './ground.js'

/** Somebody who writes to a session and does not come to an end: others who want to write to it wait. */
export const holdSession = async (
  { look }: Ground,
  sessionId: string,
): Promise<{ release(): Promise<void> }> => {
  let letGo = (): void => {}
  const released = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let isHeld = (): void => {}
  const held = new Promise<void>((resolve) => {
    isHeld = resolve
  })
  const undo = new Error('undo')
  const holding = look
    .with((store) =>
      store.transaction(async ({ sessions }) => {
        await sessions.revoke(sessionId, new Date())
        isHeld()
        await released
        throw undo
      }),
    )
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  await Promise.race([held, holding])
  return {
    release: async () => {
      letGo()
      await holding
    },
  }
}
