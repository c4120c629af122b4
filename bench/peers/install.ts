import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../processes.js'

/** The peers' packages: a lockfile of their own, installed by the first run into `bench/peers/node_modules`. */
const home = join(root, 'bench/peers')
const stamp = join(home, 'node_modules/.latchkey-lock')

export const installPeers = async (
  folder: string,
  progress: (text: string) => void,
): Promise<void> => {
  const lock = readFileSync(join(home, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  progress('installing the peers (once; where better-sqlite3 has to be compiled, some minutes)')
  const output = openSync(join(folder, 'install.log'), 'a')
  const words = ['ci', '--prefix', home, '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawn('npm', words, { cwd: home, stdio: ['ignore', output, output] })
  child.once('error', () => {})
  const [code] = await once(child, 'close')
  if (code === 0) writeFileSync(stamp, lock)
  else progress(`npm ci in bench/peers ended with ${code}`)
}

/** Why a peer cannot be started: its packages are not there. */
export const missingPackages = (names: readonly string[]): string | undefined => {
  const absent = names.filter((name) => !existsSync(join(home, 'node_modules', name)))
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`
}
