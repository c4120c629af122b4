import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newFolder, run, runJson, start, type Variables } from './command.js'
import { examine, otherSecret, secret } from './doctor/examine.js'

/** The command line on a settings file of another service. */
const folderWith = (name: string, text: string): string => {
  const folder = newFolder()
  writeFileSync(join(folder, name), text, { mode: 0o600 })
  return folder
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const configEnv = (port: number): string =>
  [
    `    secret_key=${secret}`,
    '    algorithm=HS256',
    '    access_token_expire_minutes=30',
    '    server_host=127.0.0.1',
    `    server_port=${port}`,
    '    debug=False',
  ].join('\n')

/** Runs until it listens, asks, and ends it. */
const serving = async <Result>(
  folder: string,
  variables: Variables,
  work: (listening: Record<string, unknown>, said: () => string) => Promise<Result>,
): Promise<Result> => {
  const child = start(folder, ['serve', '--json'], variables)
  let said = ''
  child.stderr.resume()
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`it ended: ${said}`)))
      child.stdout.on('data', (data) => {
        said += String(data)
        const found = said.split('\n').find((each) => each.includes('"msg":"listening"'))
        if (found !== undefined) resolve(found)
      })
    })
    return await work(JSON.parse(line), () => said)
  } finally {
    child.kill('SIGTERM')
  }
}

test('config.env is enough for the server of the username service', async () => {
  const port = await freePort()
  const folder = folderWith('config.env', configEnv(port))

  await serving(folder, { AUTH_PROFILE: 'username' }, async (listening) => {
    expect(listening).toMatchObject({ port, profile: 'username' })
    expect(listening).not.toHaveProperty('jwks')
    const answer = await fetch(`http://127.0.0.1:${port}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"username":"alice","password":"secret"}',
    })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toEqual({ detail: 'Invalid username or password' })
  })
})

test('production without a public address starts, says so, and keeps cookies to https', async () => {
  const port = await freePort()
  const folder = folderWith('.env', `JWT_KEY=${secret}\nAUTH_PROFILE=cookie\nPORT=${port}\n`)

  await serving(folder, { ENVIRONMENT: 'production' }, async (listening, said) => {
    expect(listening).toMatchObject({ base_url: `https://localhost:${port}`, profile: 'cookie' })
    expect(said()).toContain('"warning":"assumed_base_url"')
    const logout = await fetch(`http://127.0.0.1:${port}/auth/logout`, { method: 'POST' })
    expect(logout.headers.get('strict-transport-security')).not.toBeNull()
  })
})

test('config check says what came from where, and under which name', async () => {
  const folder = folderWith('config.env', configEnv(7777))
  const { code, json } = await runJson(folder, ['config', 'check'], { AUTH_PROFILE: 'username' })

  expect(code).toBe(0)
  expect(json.settings).toContainEqual({
    setting: 'JWT_SECRET_KEY',
    value: '********',
    from: 'file',
    as: 'secret_key',
  })
  const { stdout } = await run(folder, ['config', 'check'], { AUTH_PROFILE: 'username' })
  expect(stdout).toMatch(/^PORT +7777 +file: server_port$/m)
  expect(stdout).not.toContain(secret)
})

describe('a start is refused', () => {
  test('without the profile, with one sentence that names it', async () => {
    const folder = folderWith('config.env', configEnv(7777))
    const { code, json } = await runJson(folder, ['serve'])

    expect(code).toBe(2)
    expect(json.error.points).toEqual([
      { name: 'AUTH_PROFILE', detail: expect.stringContaining('set AUTH_PROFILE=username') },
    ])
  })

  test('under the names that were written, when the database does not answer', async () => {
    const text = `JWT_KEY=${secret}\nDB_USER=ada\nDB_HOST=127.0.0.1\nDB_PORT=9\nDB_NAME=auth\n`
    const { code, json } = await runJson(folderWith('.env', text), ['serve'], {
      AUTH_PROFILE: 'cookie',
      PORT: '0',
    })

    expect(code).toBe(2)
    expect(json.error.points).toEqual([
      {
        name: 'DB_USER, DB_HOST, DB_PORT, DB_NAME',
        detail: expect.stringContaining('no database that answers'),
      },
    ])
  })
})

describe('doctor', () => {
  test('finds settings of another service', async () => {
    const folder = folderWith('.env', 'MONGO_URI=mongodb://db\nMONGO_DB_NAME=auth\n')
    const { code, problems } = await examine(folder, {})

    expect(code).toBe(4)
    expect(problems).toContainEqual({
      name: 'settings',
      status: 'problem',
      detail: expect.stringContaining('profile flat'),
      remedy: expect.stringMatching(/^Mend AUTH_PROFILE/),
    })
  })

  test('looks at the file of the service, and says what stands on the secret of the tokens', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'config.env'), configEnv(9), { mode: 0o644 })
    const variables = { AUTH_PROFILE: 'username', DATABASE_URL: 'postgres://a:k3Jf@127.0.0.1:9/x' }
    const { checks } = await examine(folder, variables)
    const own = await examine(folder, { ...variables, LATCHKEY_SECRET: otherSecret })

    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'settings file', remedy: 'chmod 600 config.env' }),
    )
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'root secret', detail: expect.stringMatching(/^derived/) }),
    )
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'secrets',
        remedy: expect.stringMatching(/LATCHKEY_SECRET/),
      }),
    )
    expect(JSON.stringify(own.checks)).not.toContain('derived from')
  })
})
