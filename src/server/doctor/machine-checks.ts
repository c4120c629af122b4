import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { clockFault, clockRemedy, widestSkew } from '../../http/clock-watch.js'
import { isTooMuch, mostSkewSeconds } from '../../lib/clock-skew.js'
import { ask } from './ask.js'
import { type Check, ok, problem, warning } from './check.js'
import type { Door } from './doors.js'

/** The machine: Node, its clock, its disk. */
export const machineChecks: readonly Check[] = [
  {
    name: 'node',
    looksAt: 'the version of Node',
    mend: 'Install a current Node',
    run: () => {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
      const isOldEnough = major > 20 || (major === 20 && minor >= 19)
      return isOldEnough
        ? ok(process.versions.node)
        : problem(
            `${process.versions.node} is older than 20.19`,
            'Install a current Node: https://nodejs.org',
          )
    },
  },
  {
    name: 'clock',
    looksAt:
      'the clock here against that of the store and the age of this version, and that of the running server',
    mend: 'Let NTP keep the clocks: timedatectl set-ntp true',
    run: async ({ store, doors }) => {
      const skew = store && (await widestSkew(store.places))
      if (skew !== undefined && isTooMuch(skew))
        return problem(clockFault(skew.seconds), clockRemedy)
      const theirs = await skewOfServer(doors.local)
      if (Math.abs(theirs) > mostSkewSeconds) {
        return problem(`the running server says that ${clockFault(theirs)}`, clockRemedy)
      }
      const now = Date.now()
      const newest = (await store?.keys.list().catch(() => []))?.at(-1)?.createdAt.getTime() ?? 0
      const least = Math.max(newest, released)
      return now + toleranceMilliseconds >= least
        ? ok(new Date(now).toISOString())
        : problem(
            `it is ${new Date(now).toISOString()} here, which is before ${new Date(least).toISOString()}, when this version or its newest key was made`,
            'Set the clock, and let NTP keep it: timedatectl set-ntp true',
          )
    },
  },
  {
    name: 'disk space',
    looksAt: 'the room on the disk of the database, where it is a file',
    mend: 'Make room, 500 MiB or more',
    run: ({ databaseFile }) => {
      if (databaseFile === undefined) return ok('nothing is kept on a disk')
      const folder = nearestFolder(databaseFile)
      const { bavail, bsize } = statfsSync(folder)
      const free = Math.floor((bavail * bsize) / mebibyte)
      const detail = `${free} MiB free in ${folder}`
      if (free < leastMebibytes) return problem(detail, 'Make room: writes fail when it is full')
      return free < comfortableMebibytes
        ? warning(detail, `Make room, ${comfortableMebibytes} MiB or more`)
        : ok(detail)
    },
  },
]

/** What the readiness of a running server says; its clock may be another one than ours, in a container say. */
const skewOfServer = async (door: Door | undefined): Promise<number> => {
  if (!door?.isOurs) return 0
  const ready = await ask(`${door.url}/health/ready`)
  return ready.outcome === 'answer' ? Number(ready.body?.clock_skew_seconds ?? 0) : 0
}

/** No clock of a machine that runs this can be right and earlier. */
const released = Date.UTC(2026, 10, 1)
const toleranceMilliseconds = 60_000
const mebibyte = 1024 * 1024
const leastMebibytes = 50
const comfortableMebibytes = 500

/** The folder of a file, or the first above it that is there. */
export const nearestFolder = (file: string): string => {
  let folder = dirname(resolve(file))
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}
