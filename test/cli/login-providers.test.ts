import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type StandIn, startStandIn } from '../../src/testing/testing.js'
import { startServer, type TestServer } from '../servers.js'
import { newFolder, run } from './command.js'

/** A settings file with three client ids is all that it takes, and none of their secrets is ever shown. */
let standIn: StandIn
const folder = newFolder()

beforeAll(async () => {
  standIn = await startStandIn()
  const lines = ['GOOGLE', 'FACEBOOK', 'GITHUB'].flatMap((name) => [
    `${name}_CLIENT_ID=app-of-${name.toLowerCase()}`,
    `${name}_CLIENT_SECRET=app-of-${name.toLowerCase()}-secret`,
  ])
  const rest = [
    'DISCORD_CLIENT_SECRET=hush-hush-secret',
    'OIDC_ACME_CLIENT_SECRET=hush-hush-secret',
    `OAUTH_STAND_IN_URL=${standIn.origin}`,
  ]
  writeFileSync(join(folder, '.env'), [...lines, ...rest, ''].join('\n'), { mode: 0o600 })
})
afterAll(() => standIn?.stop())

const secrets = /-secret|hush/

describe('a server with three providers', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ folder, env: { LOG_LEVEL: 'debug' } })
  })
  afterAll(() => server?.stop())

  test('lists them, and lets somebody in through each', async () => {
    const list = await (await fetch(`${server.origin}/auth/oauth`)).json()
    expect(JSON.stringify(list)).toMatch(/google.*facebook.*github/)
    expect(JSON.stringify(list)).not.toMatch(secrets)

    for (const provider of ['google', 'facebook', 'github'] as const) {
      const person = { ...newPerson(provider), subject: `${provider.length}0012345` }
      const clientId = `app-of-${provider}`
      const bearer = standIn.accessToken({ provider, clientId, person })
      const answer = await fetch(`${server.origin}/auth/oauth/${provider}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
      })
      expect([provider, answer.status]).toEqual([provider, 200])
      expect(server.log()).not.toContain(bearer)
    }
  })

  test('sends browsers to the try-it page while it is served', async () => {
    const start = (query: string) =>
      fetch(`${server.origin}/auth/oauth/google${query}`, { redirect: 'manual' })
    const other = `?return_to=${encodeURIComponent(`${server.origin}/other`)}`

    expect((await start('')).status).toBe(303)
    expect((await start(other)).status).toBe(400)
  })

  test('says which are off, and shows no secret, also when it fails', async () => {
    standIn.twist('', 'reset')
    await fetch(`${server.origin}/auth/oauth/github`, {
      method: 'POST',
      headers: { authorization: 'Bearer made-up' },
    })
    standIn.straighten()

    expect(server.log()).toMatch(/discord \(DISCORD_CLIENT_ID is not set\)/)
    expect(server.log()).toMatch(/acme \(OIDC_ACME_ISSUER and OIDC_ACME_CLIENT_ID are not set\)/)
    expect(server.log()).not.toMatch(secrets)
  })
})

test.each([['config', 'check'], ['config', 'check', '--json'], ['doctor'], ['doctor', '--json']])(
  'latchkey %s %s shows no secret',
  async (...words) => {
    const { stdout, stderr } = await run(folder, words)

    expect(stdout).toMatch(/discord \(DISCORD_CLIENT_ID is not set\)/)
    expect(stdout + stderr).not.toMatch(secrets)
  },
)

test('a start that is refused shows none either', async () => {
  const wrong = { GITLAB_ISSUER: 'http://hush.example.com', APPLE_PRIVATE_KEY: 'hush', PORT: 'x' }
  const { code, stdout, stderr } = await run(folder, ['serve'], wrong)

  expect(code).toBe(2)
  expect(stderr).toMatch(/PORT[\s\S]*GITLAB_ISSUER[\s\S]*APPLE_PRIVATE_KEY/)
  expect(stdout + stderr).not.toMatch(secrets)
})

const newPerson = (name: string) => ({
  ...{ email: `${name}@gmail.com`, emailVerified: true, picture: null },
  ...{ firstName: 'Ada', lastName: 'Lovelace' },
})
