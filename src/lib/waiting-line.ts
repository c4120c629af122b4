/** Where callers wait for something scarce. No line is longer than it may be: who finds it full is sent away at once. */
export type WaitingLine = {
  /** As metrics and the log name it: 'passwords', 'sqlite_transactions'. */
  name: string
  /** The setting that bounds it: 'PASSWORD_HASH_QUEUE'. */
  option: string
  most: number
  waiting(): number
  /** How many were sent away since the start. */
  sentAway(): number
  /** Takes a place at the end. False when there is none; whoever asked answers with `overloaded`. */
  enter(): boolean
  /** Somebody's turn has come, or they gave up. */
  leave(): void
  /** Called for everybody who is sent away, so it has to be quick. */
  onFull(listener: () => void): void
}

export const createWaitingLine = ({
  mostNow,
  ...about
}: {
  name: string
  option: string
  most: number
  /** How many may wait at this moment, where that changes. Default: `most` */
  mostNow?: () => number
}): WaitingLine => {
  const listeners: (() => void)[] = []
  let waiting = 0
  let sentAway = 0

  return {
    ...about,
    waiting: () => waiting,
    sentAway: () => sentAway,
    enter: () => {
      if (waiting < (mostNow?.() ?? about.most)) {
        waiting += 1
        return true
      }
      sentAway += 1
      for (const listener of listeners) listener()
      return false
    },
    leave: () => {
      waiting -= 1
    },
    onFull: (listener) => {
      listeners.push(listener)
    },
  }
}
