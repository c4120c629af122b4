import { existsSync } from 'node:fs'
import { installPackage, mayInstall } from './debian.mjs'
import { ToolError } from './run.mjs'

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

const installChromium = () =>
  installPackage('chromium').catch((error) => {
    if (!(error instanceof ToolError)) throw error
  })
