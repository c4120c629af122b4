import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { createCaller, refresh, signUp } from './calls.js'
import { databaseFile } from './database.js'
import { onGrounds } from './grounds.js'
import { canLimitFiles, fillDisk, freeDisk } from './limits.js'
import { expectHealed, expectOnlyReading, expectReading } from './only-reading.js'
import { say } from './runs.js'
import { expectUnavailable } from './unavailable.js'

/** R-27: a full disk or a file that cannot be written is a 503, costs nothing and heals by itself. */
const canMount = ((): boolean => {
  const probe = join(tmpdir(), `latchkey-mount-${process.pid}`)
  try {
    execFileSync('mkdir', [probe])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  } finally {
    execFileSync('rm', ['-rf', probe])
  }
})()

const isRoot = process.getuid?.() === 0
const nobody = 65_534

onGrounds('R-27', ['sqlite'], (open) => {
  test.runIf(canMount)('a small disk that runs full, and has space again', async () => {
    const ground = await open()
    const disk = join(ground.folder, 'data')
    await mkdir(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    try {
      const caller = createCaller(await ground.start({ env: { LOG_LEVEL: 'error' } }))
      const grant = await signUp(caller, 'ada@example.com')
      const { bavail, bsize } = await statfs(disk)
      await writeFile(join(disk, 'ballast'), Buffer.alloc((bavail - 8) * bsize))
      let token = grant.refreshToken
      let rotations = 0
      for (;;) {
        const answer = await refresh(caller, token)
        if (answer.status !== 200) {
          expectUnavailable(answer)
          break
        }
        token = answer.body.refresh_token ?? ''
        rotations += 1
      }
      // SQLite may make room in its log by itself: what is small may be written again, what reads must go on
      await expectReading(caller, grant)
      await rm(join(disk, 'ballast'))

      await expectHealed(caller, token, ground)
      say(
        `R-27: the disk was full after ${rotations} rotations: 503, reads went on, healed, 0 half data`,
      )
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  })

  test.runIf(canLimitFiles)('files that may not grow, and may again', async () => {
    const ground = await open()
    const server = await ground.start({ env: { LOG_LEVEL: 'error' } })
    const caller = createCaller(server)
    const grant = await signUp(caller, 'ada@example.com')

    fillDisk(server)
    expectUnavailable(await refresh(caller, grant.refreshToken))
    await expectOnlyReading(caller, grant)
    freeDisk(server)

    await expectHealed(caller, grant.refreshToken, ground)
  })

  /** As `chmod u+w data/*`: SQLite gives the files beside the database the permissions the database had. */
  const allowWriting = async (folder: string): Promise<void> => {
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o600)
  }

  test('a file that may not be written, and may again', async () => {
    const ground = await open()
    if (isRoot) execFileSync('chown', [String(nobody), ground.folder])
    const server = await ground.start({
      env: { LOG_LEVEL: 'error' },
      ...(isRoot && { uid: nobody }),
    })
    const grant = await signUp(createCaller(server), 'ada@example.com')
    await server.end()
    await chmod(databaseFile(ground.folder), 0o400)
    await server.restart()

    const caller = createCaller(server)
    expectUnavailable(await refresh(caller, grant.refreshToken))
    await expectOnlyReading(caller, grant)
    await allowWriting(join(ground.folder, 'data'))

    await expectHealed(caller, grant.refreshToken, ground)
  })
})
