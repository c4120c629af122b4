import type { MongoClient } from 'mongodb'

/** Counted in beats of a timer and not in time: where the process itself stood still, nobody was waited for. */
const beatMilliseconds = 250
/** More than the socket's timeout in driver.ts, after which the driver knows by itself. */
const patienceBeats = 17

/**
 * Tells, once, that this client can no longer be trusted to come back. Who writes to a socket that is going away and not
 * closed yet is waiting for a `drain` that never comes, and no timeout of the driver ends that: a heartbeat that hangs
 * leaves a server that was lost undiscovered for ever, a command that hangs keeps its connection from the pool.
 *
 * @returns what ends the watch
 */
export const onHang = (client: MongoClient, tell: () => void): (() => void) => {
  const waiting = new Map<string, number>()
  let beat = 0
  const isOverdue = (since: number): boolean => beat - since > patienceBeats
  const timer = setInterval(() => {
    beat += 1
    if (![...waiting.values()].some(isOverdue)) return
    stop()
    tell()
  }, beatMilliseconds).unref()
  const stop = (): void => clearInterval(timer)

  const begin = (who: string): void => void waiting.set(who, beat)
  const end = (who: string): void => void waiting.delete(who)
  client.on('serverHeartbeatStarted', ({ connectionId }) => begin(connectionId))
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => end(connectionId))
  client.on('serverHeartbeatFailed', ({ connectionId }) => end(connectionId))
  client.on('serverClosed', ({ address }) => end(address))
  client.on('connectionCheckedOut', (event) => begin(connectionOf(event)))
  client.on('connectionCheckedIn', (event) => end(connectionOf(event)))
  client.on('topologyClosed', () => waiting.clear())
  return stop
}

type OfConnection = { address: string; connectionId: number | '<monitor>' }

const connectionOf = ({ address, connectionId }: OfConnection): string =>
  `${address} ${connectionId}`
