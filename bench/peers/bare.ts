import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram } from '../processes.js'

/** A peer's password hash alone: verifying without a pause on every core, in threads of its own. Hashes a second. */
export const bareRateOf = async (
  command: readonly string[],
  { seconds, folder }: { seconds: number; folder: string },
): Promise<number> => {
  const output = join(folder, `bare-${Date.now()}.log`)
  const { child } = startProgram(command, {
    core: undefined,
    environment: { SECONDS: String(seconds) },
    output,
  })
  await once(child, 'exit')
  return Number(readFileSync(output, 'utf8'))
}
