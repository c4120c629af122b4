import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Answer, type Caller, createCaller, password, refresh, signUp } from './calls.js'
import { databaseFile, halves, integrityOf, noHalves, numberOf } from './database.js'
import { canLimitFiles, fillDisk, freeDisk } from './limits.js'
import { say } from './runs.js'

/** R-27: a full disk or a file that cannot be written is a 503, costs nothing and heals by itself. */
let server: TestServer
let folder: string
let undo: () => void
afterEach(async () => {
  await server.stop()
  undo()
  await rm(folder, { recursive: true, force: true })
})

const expectUnavailable = ({ status, body, headers, text }: Answer): void => {
  expect([status, body.code], text).toEqual([503, 'store_unavailable'])
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
}

/** What reads goes on; what writes is refused. */
const expectOnlyReading = async (caller: Caller, grant: { accessToken: string }): Promise<void> => {
  for (const path of ['/auth/me', '/health/live', '/health', '/.well-known/jwks.json']) {
    const answer = await caller.call('GET', path, { token: grant.accessToken })
    expect(answer.status, path).toBe(200)
  }
  const body = { email: 'ada@example.com', password }
  expectUnavailable(await caller.call('POST', '/auth/login', { body }))
  expectUnavailable(
    await caller.call('POST', '/auth/login', { body: { ...body, password: 'wrong' } }),
  )
  const bob = { ...body, email: 'bob@example.com' }
  expectUnavailable(await caller.call('POST', '/auth/register', { body: bob }))
}

const expectHealed = async (caller: Caller, token: string): Promise<void> => {
  expect((await refresh(caller, token)).status).toBe(200)
  await signUp(caller, 'bob@example.com')
  expect(halves(server.folder)).toEqual(noHalves)
  expect(numberOf(server.folder, 'select count(*) from latchkey_users')).toBe(2)
  expect(integrityOf(server.folder)).toBe('ok')
}

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

test.runIf(canMount)('a small disk that runs full, and has space again', async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder])
  undo = () => execFileSync('umount', ['-l', folder])
  server = await startServer({ folder, env: { LOG_LEVEL: 'error' } })
  const caller = createCaller(server)
  const grant = await signUp(caller, 'ada@example.com')

  const { bavail, bsize } = await statfs(folder)
  await writeFile(join(folder, 'ballast'), Buffer.alloc((bavail - 8) * bsize))
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
  await expectOnlyReading(caller, grant)
  await rm(join(folder, 'ballast'))

  await expectHealed(caller, token)
  say(
    `R-27: the disk was full after ${rotations} rotations: 503, reads went on, healed, 0 half data`,
  )
})

test.runIf(canLimitFiles)('files that may not grow, and may again', async () => {
  undo = () => {}
  server = await startServer({ env: { LOG_LEVEL: 'error' } })
  folder = server.folder
  const caller = createCaller(server)
  const grant = await signUp(caller, 'ada@example.com')

  fillDisk(server)
  expectUnavailable(await refresh(caller, grant.refreshToken))
  await expectOnlyReading(caller, grant)
  freeDisk(server)

  await expectHealed(caller, grant.refreshToken)
})

const isRoot = process.getuid?.() === 0
const nobody = 65_534

/** As `chmod u+w data/*`: SQLite gives the files beside the database the permissions the database had. */
const allowWriting = async (): Promise<void> => {
  for (const name of await readdir(join(folder, 'data')))
    await chmod(join(folder, 'data', name), 0o600)
}

test('a file that may not be written, and may again', async () => {
  undo = () => {}
  folder = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  if (isRoot) execFileSync('chown', [String(nobody), folder])
  server = await startServer({
    folder,
    env: { LOG_LEVEL: 'error' },
    ...(isRoot && { uid: nobody }),
  })
  const first = createCaller(server)
  const grant = await signUp(first, 'ada@example.com')
  await server.end()
  await chmod(databaseFile(folder), 0o400)
  await server.restart()

  const caller = createCaller(server)
  expectUnavailable(await refresh(caller, grant.refreshToken))
  await expectOnlyReading(caller, grant)
  await allowWriting()

  await expectHealed(caller, grant.refreshToken)
})
