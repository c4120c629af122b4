import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, startProgram } from '../processes.js'

/** The peers' packages: a lockfile of their own, installed by the first run into `bench/peers/node_modules`. */
const home = join(root, 'bench/peers')
const stamp = join(home, 'node_modules/.latchkey-lock')

export const installPeers = async (
  folder: string,
  progress: (text: string) => void,
): Promise<void> => {
  const lock = readFileSync(join(home, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  progress('installing the peers (once; minutes where better-sqlite3 has to be compiled)')
  const words = ['ci', '--prefix', home, '--no-audit', '--no-fund', '--loglevel=error']
  const { child } = startProgram([...npm(), ...words], {
    core: undefined,
    cwd: home,
    environment: settings(), // npm's own, a registry among them
    output: join(folder, 'install.log'),
  })
  const [code] = await once(child, 'exit')
  if (code === 0) writeFileSync(stamp, lock)
  else progress(`npm ci in bench/peers ended with code ${code}`)
}

/** The npm that called us, else the one on the PATH. */
const npm = (): string[] => {
  const caller = process.env.npm_execpath
  return caller?.endsWith('npm-cli.js') ? [process.execPath, caller] : ['npm']
}

const settings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )

/** Why a peer cannot be started: its packages are not there. */
export const missingPackages = (names: readonly string[]): string | undefined => {
  const absent = names.filter((name) => !existsSync(join(home, 'node_modules', name)))
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`
}
