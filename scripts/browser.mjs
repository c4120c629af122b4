import { existsSync, readFileSync } from 'node:fs'
import { run } from './run.mjs'

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Where a real browser lies on this machine, if there is one. */
export const findBrowser = () => places.find((path) => path !== undefined && existsSync(path))

/** Finds a browser, or fetches Debian's where we may. Without one the browser tests are skipped, and counted as skipped. */
export const ensureBrowser = async ({ step }) => {
  if (findBrowser() === undefined && mayInstall())
    await step('looking for a browser', installChromium)
  return findBrowser()
}

const mayInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && isDebian()

const isDebian = () =>
  /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))

const installChromium = async () => {
  const fiveMinutes = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 300_000,
  }
  const install = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], fiveMinutes)
  const first = await install()
  if (first.code === 0) return
  // A machine that never listed its packages has to do that first.
  await run('apt-get', ['update'], fiveMinutes)
  await install()
}
