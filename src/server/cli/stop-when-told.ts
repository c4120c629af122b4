import type { RunningServer } from '../server.js'

const crashMilliseconds = 5_000
const forcedMilliseconds = 15_000
/** A process manager may hand on the Ctrl+C that the terminal has sent already: one wish. */
const sameWishMilliseconds = 500

type Farewell = {
  withinMilliseconds?: number
  /** What comes before it takes no more connections. */
  first?: () => Promise<void>
}

/** Ends the process when it is told to, or when something happens that nobody caught. */
export const stopWhenTold = (
  server: RunningServer,
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'],
) => {
  let stopping = false
  let toldAt: number | undefined
  const leave = async (
    exitCode: number,
    { withinMilliseconds, first }: Farewell = {},
  ): Promise<void> => {
    stopping = true
    await first?.()
    setTimeout(() => process.exit(1), (withinMilliseconds ?? forcedMilliseconds) + 500).unref()
    await server.stop(withinMilliseconds === undefined ? {} : { withinMilliseconds })
    process.exit(exitCode)
  }
  const leaveOnce = (exitCode: number, farewell?: Farewell): void => {
    if (!stopping) leave(exitCode, farewell).catch(() => process.exit(1))
  }
  const tell = (): void => {
    const now = performance.now()
    if (toldAt !== undefined && now - toldAt > sameWishMilliseconds) process.exit(1) // no more patience
    toldAt ??= now
    leaveOnce(0, { first: server.leave })
  }
  for (const signal of signals) process.on(signal, tell)

  // What nobody caught leaves nobody sure of what still holds: finish what is under way, and be started anew.
  const crash = (err: unknown): void => {
    server.auth.log.error({ err }, 'something unexpected happened; stopping')
    if (stopping) process.exit(1)
    leaveOnce(1, { withinMilliseconds: crashMilliseconds })
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)

  return {
    /** Another one serves in its place: clients are sent there, and what is under way ends. */
    retire: (): void => leaveOnce(0, { first: server.retire }),
    /** Nobody connects any more. */
    leave: (exitCode: number): void => leaveOnce(exitCode),
  }
}
