import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { isRoot } from '../../scripts/find-services.mjs'

/** Who a server runs as. Database servers refuse to be root, and are right. */
export type Account = { uid: number; gid: number }

/** The first of these users that exists, when we are root; nobody else may choose. */
export const accountOf = (names: readonly string[]): Account | undefined => {
  if (!isRoot()) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of [...names, 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('There is no user a server could run as')
}

/** A program and its arguments, wrapped so that it runs as somebody else, in a root of its own, and never outlives us. */
export const commandAs = (
  [program, ...args]: readonly [string, ...string[]],
  { account, root }: { account?: Account | undefined; root?: string | undefined },
): [string, ...string[]] => {
  if (root !== undefined) {
    const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups']
    return ['chroot', root, '/usr/bin/setpriv', ...user, '--pdeathsig=KILL', program, ...args]
  }
  if (!hasSetpriv()) return [program, ...args]
  const user =
    account === undefined
      ? []
      : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  return ['setpriv', ...user, '--pdeathsig=KILL', program, ...args]
}

/** Without it (it belongs to Linux) a server is left to its own after a `kill -9` of the test run. */
const hasSetpriv = (): boolean =>
  process.platform === 'linux' &&
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'setpriv')))
