import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, startNode } from '../processes.js'

/** A peer's password hash alone: verifying without a pause on every core, in threads of its own. Hashes a second. */
export const bareRateOf = async (
  hash: 'bcryptjs' | 'scrypt',
  seconds: number,
  folder: string,
): Promise<number> => {
  const output = join(folder, `bare-${hash}-${Date.now()}.log`)
  const environment = { SECONDS: String(seconds), HASH: hash }
  const { child } = startNode([join(root, 'bench/peers/bare-hash.mjs')], {
    core: undefined,
    environment,
    output,
  })
  await once(child, 'exit')
  return Number(readFileSync(output, 'utf8'))
}
