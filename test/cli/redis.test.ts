import { afterEach, describe, expect, test } from 'vitest'
import { startServer } from '../servers.js'
import { isOwnable, type OwnService, openService } from '../services/services.js'
import { newFolder, run, runJson } from './command.js'

/** SESSION_STORE=redis at the command line: what the operator is told before, at and after the start. */
const redis = (url: string) => ({ SESSION_STORE: 'redis', REDIS_URL: url })

test.each([
  [
    'redis://:topsecret@127.0.0.1:1',
    /^ {2}REDIS_URL: leads to no Redis that answers \(ECONNREFUSED\)/m,
  ],
  ['redis://:topsecret@nobody.invalid', /^ {2}REDIS_URL: names a host .* not there/m],
  ['redis://:topsecret@localhost/one', /^ {2}REDIS_URL: must name its database by a number/m],
])('a start with %s ends with one sentence, exit code 2 and no secret', async (url, sentence) => {
  const { code, stdout, stderr } = await run(newFolder(), ['serve', '--port', '0'], redis(url))

  expect(stderr).toMatch(sentence)
  expect(code).toBe(2)
  expect(stdout + stderr).not.toContain('topsecret')
})

describe.skipIf(!isOwnable('redis'))('a Redis server', () => {
  let server: OwnService
  afterEach(() => server.stop())
  const password = (): string => new URL(server.url).password.slice(-16)
  const start = async (settings: Record<string, string> = {}): Promise<void> => {
    server = await openService('redis', { own: true, settings })
  }

  test('R-19: that would lose sessions stops the start', async () => {
    await start({ appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' })
    const { code, stdout, stderr } = await run(
      newFolder(),
      ['serve', '--port', '0'],
      redis(server.url),
    )

    expect(code).toBe(2)
    expect(stderr).toMatch(/REDIS_URL: .*appendonly yes.*noeviction.*REDIS_ALLOW_VOLATILE=true/)
    expect(stdout + stderr).not.toContain(password())
  })

  test('that would lose sessions, knowingly, is warned about at every start and by doctor', async () => {
    await start({ appendonly: 'no' })
    const env = { ...redis(server.url), REDIS_ALLOW_VOLATILE: 'true' }
    const running = await startServer({ env })
    const { code, json } = await runJson(running.folder, ['doctor'], { ...env, PORT: '0' })
    const log = running.log()
    await running.stop()
    const log = running.log() // what is warned about may be said after the first answer

    expect(log).toMatch(/"level":"warn".*"warning":"store".*append-only file.*appendonly yes/)
    expect(log).not.toContain(password())
    expect(code).toBe(0)
    expect(json.checks).toContainEqual({
      name: 'concerns',
      status: 'warning',
      detail: expect.stringMatching(/append-only file/),
      remedy: expect.stringMatching(/appendonly yes/),
    })
  })

  test('that is fit has a line in doctor, one that is not or is away a remedy', async () => {
    await start()
    const folder = newFolder()
    const env = { ...redis(server.url), PORT: '0' }
    await run(folder, ['keys', 'list'], env)
    const fit = await runJson(folder, ['doctor'], env)
    await server.stop('fast')
    const away = await runJson(folder, ['doctor'], env)
    await server.start()
    const unfit = await runJson(folder, ['doctor'], {
      ...env,
      REDIS_URL: server.url.replace(/:[^:@]*@/, ':wrong@'),
    })

    expect(fit.code).toBe(0)
    expect(fit.json.checks).toContainEqual({ name: 'store', status: 'ok', detail: 'redis answers' })
    expect(away.code).toBe(4)
    expect(away.json.checks).toContainEqual({
      name: 'store',
      status: 'problem',
      detail: expect.stringMatching(/^redis does not answer .*ECONNREFUSED/),
      remedy: expect.stringMatching(/REDIS_URL/),
    })
    expect(unfit.code).toBe(4)
    expect(JSON.stringify([fit.json, away.json, unfit.json])).not.toContain(password())
    expect(unfit.json.checks).toContainEqual(
      expect.objectContaining({ status: 'problem', detail: expect.stringMatching(/password/) }),
    )
  })
})
