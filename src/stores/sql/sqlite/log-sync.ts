import { closeSync, fdatasync, openSync } from 'node:fs'

/**
 * Puts SQLite's log (the `-wal` file) on the disk without keeping the event loop waiting: what a COMMIT under
 * `synchronous = FULL` does itself, with this thread standing still. The log only grows at its end, so one sync covers
 * every commit before it, whichever process made it. docs/decisions/0028-durable-without-standing-still.md
 */
export type LogSync = {
  /** Resolves when everything that was committed is on the disk. Rejects with the error of the disk. */
  sync(): Promise<void>
  /** The log may be another file from now on. */
  forget(): void
}

export const createLogSync = (databaseFile: string): LogSync => {
  let descriptor: number | undefined

  return {
    sync: () =>
      new Promise((resolve, reject) => {
        descriptor ??= openSync(`${databaseFile}-wal`, 'r+')
        fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)))
      }),
    forget: () => {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
