import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { run, ToolError } from './run.mjs'

/** Whether a missing program may be fetched from this machine's own distribution. */
export const mayInstall = () =>
  process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && isDebian()

const isDebian = () =>
  /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))

const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
const patience = ['Acquire::Retries=1', 'Acquire::http::Timeout=20', 'DPkg::Lock::Timeout=120']
const options = patience.flatMap((option) => ['-o', option])

/**
 * Installs a package without what it only recommends. Nothing is removed for it (a MySQL where MariaDB was asked for, say),
 * and no service is started by it.
 *
 * @throws ToolError when it cannot be had
 */
export const installPackage = async (name) => {
  const install = () =>
    withoutServices(() =>
      run(
        'apt-get',
        [...options, 'install', '-y', '--no-install-recommends', '--no-remove', name],
        {
          env: environment,
          timeoutMs: 300_000,
        },
      ),
    )
  const first = await install()
  if (first.code === 0) return
  // A machine that never listed its packages has to do that first.
  await listPackages()
  const { code, output } = await install()
  if (code !== 0) throw new ToolError(`${name} could not be installed`, { output })
}

let listing

/** Once is enough, and where the network is away once is long enough. */
const listPackages = () => {
  listing ??= run('apt-get', [...options, 'update'], { env: environment, timeoutMs: 120_000 })
  return listing
}

/** Where this machine gets Debian from, if it does. */
export const findDebianMirror = async () => (await askForMirror()) ?? (await listAndAskForMirror())

const listAndAskForMirror = async () => {
  await listPackages()
  return askForMirror()
}

const askForMirror = async () => {
  const format = '$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)'
  const { output } = await run('apt-get', [
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
  ])
  return /^(https?:\S+) Debian Debian main$/m.exec(output)?.[1]
}

const policy = '/usr/sbin/policy-rc.d'
const mark = '# written by the tests of latchkey, which want no services started; may be removed\n'

/** Packages of servers start them when they are installed, unless this file forbids it. One that is there is left alone. */
const withoutServices = async (work) => {
  if (existsSync(policy) && !readFileSync(policy, 'utf8').includes(mark)) return work()
  const remove = () => rmSync(policy, { force: true })
  writeFileSync(policy, `#!/bin/sh\n${mark}exit 101\n`, { mode: 0o755 })
  process.once('exit', remove)
  try {
    return await work()
  } finally {
    process.off('exit', remove)
    remove()
  }
}
