import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { findDebianMirror, installPackage, mayInstall } from './debian.mjs'
import { cacheFolder, documentDbRoot, findService, isPrivate } from './find-services.mjs'
import { run, runOrThrow, ToolError } from './run.mjs'

const packages = { postgres: 'postgresql', mysql: 'mariadb-server', redis: 'redis-server' }

/**
 * Finds a server for each kind of store, or fetches Debian's programs where we may. What cannot be had is no failure:
 * its tests are skipped, counted, and named with the reason that is answered here.
 */
export const ensureServices = async ({ step }) => {
  const reasons = {}
  const attempt = async (kind, title, work) => {
    if (!('missing' in findService(kind)) || !mayInstall()) return
    try {
      await step(title, work)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      reasons[kind] = error.message
    }
  }
  for (const [kind, name] of Object.entries(packages))
    await attempt(kind, `installing ${name}`, () => installPackage(name))
  await attempt('mongodb', 'building a Debian with DocumentDB', buildDocumentDb)
  return reasons
}

/**
 * DocumentDB lives in Debian's next release, so it gets a small root of its own to run in. It is built under another name
 * and appears when it is complete: two runs at once do not meet, and one that was interrupted leaves nothing half done.
 */
const buildDocumentDb = async () => {
  const mirror = await findDebianMirror()
  if (mirror === undefined) throw new ToolError('no Debian mirror among the sources of apt')
  if (!existsSync('/usr/bin/mmdebstrap')) await installPackage('mmdebstrap')
  mkdirSync(cacheFolder, { recursive: true, mode: 0o700 })
  if (!isPrivate(cacheFolder)) throw new ToolError(`${cacheFolder} is not ours alone`)
  await removeAbandoned()

  const building = `${documentDbRoot}.${process.pid}`
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const quiet = ['--quiet', '--mode=root', '--variant=minbase']
  // the mirror of this machine may be a picture of some earlier day
  const apt = ['Acquire::Check-Valid-Until "false"', 'APT::Install-Recommends "false"']
  const content = [...apt.map((line) => `--aptopt=${line}`), '--include=postgresql-18-documentdb']
  const source = `deb [signed-by=${keyring}] ${mirror} forky main`
  try {
    await runOrThrow(
      'mmdebstrap',
      'mmdebstrap',
      [...quiet, ...content, 'forky', building, source],
      {
        timeoutMs: 300_000,
      },
    )
    moveUnlessThere(building, documentDbRoot)
  } finally {
    await removeRoot(building)
  }
}

const moveUnlessThere = (from, to) => {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error // else somebody was quicker, and theirs is as good
  }
}

/** What runs that were killed have left. */
const removeAbandoned = async () => {
  for (const name of readdirSync(cacheFolder)) {
    const [, pid] = /\.(\d+)$/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) await removeRoot(join(cacheFolder, name))
  }
}

const isRunning = (pid) => existsSync(`/proc/${pid}`)

/** Never across a mount: whatever may still be mounted in there belongs to the machine. */
const removeRoot = (folder) => run('rm', ['-rf', '--one-file-system', folder])
