import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { runOrThrow } from './run.mjs'
import { buildStamp, inRoot, root, sourceFingerprint } from './sources.mjs'

const sha256 = (content) => createHash('sha256').update(content).digest('hex')
const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

const installStamp = inRoot('node_modules/.latchkey-lock')

/** Installs exactly what the lockfile says, unless that is what already lies there. */
export const ensureInstalled = async ({ step }) => {
  const lock = readFileSync(inRoot('package-lock.json'), 'utf8')
  if (readIfThere(installStamp) === sha256(lock)) return
  if (!matchesInstalled(JSON.parse(lock))) {
    await step('installing packages', async () => {
      const { command, args } = npm()
      // Install scripts stay off: nothing we use needs one, and npm 12 refuses them anyway.
      const flags = ['--ignore-scripts', '--include=dev', '--include=optional']
      const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
      await runOrThrow('npm ci', command, [...args, 'ci', ...flags, ...quiet], { cwd: root })
    })
  }
  writeFileSync(installStamp, sha256(lock))
}

/** Builds `dist/`, unless it was built from exactly these sources. */
export const ensureBuilt = async ({ step }) => {
  if (isBuilt()) return
  const { build } = await import('./compile.mjs')
  await step('building', build)
}

const isBuilt = () => readIfThere(buildStamp) === sourceFingerprint()

/** npm notes what it installed; a person who ran `npm install` need not wait a second time. */
const matchesInstalled = (lock) => {
  const note = readIfThere(inRoot('node_modules/.package-lock.json'))
  if (note === undefined) return false
  const installed = JSON.parse(note).packages
  return Object.entries(lock.packages).every(([path, wanted]) => {
    const found = installed[path]
    if (path === '') return true
    if (found === undefined) return wanted.optional === true // made for another platform
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/** The npm that called us, else the one on the PATH. */
const npm = () => {
  const caller = process.env.npm_execpath
  if (caller !== undefined && basename(caller) === 'npm-cli.js')
    return { command: process.execPath, args: [caller] }
  return { command: 'npm', args: [] }
}
