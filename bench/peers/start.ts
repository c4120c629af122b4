import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from '../contenders.js'
import { freePort, startPinned, untilHealthy } from '../processes.js'
import type { PeerPlace } from './peer.js'

/** Starts a peer's program and waits for its first 200. */
export const startPeer = async (
  command: (port: number) => readonly string[],
  { folder, core }: PeerPlace,
  environment: Readonly<Record<string, string>>,
  cwd = folder,
): Promise<Server> => {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const program = startPinned(command(port), {
    core,
    cwd,
    environment: { ...environment, PORT: String(port) },
    output: join(folder, 'output.log'),
  })
  await untilHealthy(port, program)
  return { ...program, port }
}
