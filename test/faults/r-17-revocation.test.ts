import { beforeAll, expect, test } from 'vitest'
import { run } from '../cli/command.js'
import {
  type Answer,
  type Caller,
  createCaller,
  password,
  pause,
  refresh,
  type SignedIn,
  signUp,
} from './calls.js'
import type { Ground } from './ground.js'
import { onGrounds } from './grounds.js'
import { say } from './runs.js'

/** what has ended is over: refresh tokens and introspection at once, access tokens at once here and soon there. */
const client = { client_id: 'reports', client_secret: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa' }
const env = {
  LOG_LEVEL: 'warn',
  OAUTH_CLIENTS: `${client.client_id}:${client.client_secret}`,
}

type Ending = { isElsewhere?: boolean; end(grant: SignedIn, email: string): Promise<unknown> }

onGrounds('R-17', ['sqlite', 'postgres'], (open, name) => {
  let ground: Ground
  let here: Caller
  let there: Caller
  beforeAll(async () => {
    ground = await open()
    here = createCaller(await ground.start({ env }))
    there = createCaller(await ground.start({ env }))
  })

  const post = (path: string, body: object, token?: string): Promise<Answer> =>
    here.call('POST', path, { body, ...(token !== undefined && { token }) })
  const me = async (caller: Caller, { accessToken: token }: SignedIn): Promise<number> =>
    (await caller.call('GET', '/auth/me', { token })).status
  const isActive = async (caller: Caller, token: string): Promise<unknown> => {
    const { status, body } = await caller.call('POST', '/oauth/introspect', {
      form: { ...client, token },
    })
    expect(status).toBe(200)
    return body.active
  }

  const endings: Record<string, Ending> = {
    'signed out': {
      end: ({ refreshToken }) => post('/auth/logout', { refresh_token: refreshToken }),
    },
    'signed out everywhere': {
      end: ({ accessToken }) => post('/auth/logout', { scope: 'all' }, accessToken),
    },
    'revoked by a service': {
      end: ({ accessToken: token }) =>
        here.call('POST', '/oauth/revoke', { form: { ...client, token } }),
    },
    'password changed elsewhere': {
      end: async (_, email) => {
        const { body } = await post('/auth/login', { email, password })
        const next = { current_password: password, new_password: `${password} anew` }
        return post('/auth/password/change', next, body.access_token)
      },
    },
    // another process: nobody tells the servers
    disabled: {
      isElsewhere: true,
      end: (_, email) => run(ground.folder, ['users', 'disable', email], ground.env),
    },
  }

  test.each(Object.entries(endings))('%s', async (how, { end, isElsewhere = false }) => {
    const email = `${how.replaceAll(' ', '-')}@example.com`
    const grant = await signUp(here, email)
    const { accessToken, refreshToken } = grant
    for (const caller of [here, there]) {
      expect(await me(caller, grant)).toBe(200) // and so it is remembered
      for (const token of [accessToken, refreshToken])
        expect(await isActive(caller, token)).toBe(true)
    }
    await end(grant, email)
    const ended = performance.now()

    for (const caller of [here, there]) {
      for (const token of [accessToken, refreshToken])
        expect(await isActive(caller, token)).toBe(false)
      expect((await refresh(caller, refreshToken)).status).toBe(401)
    }
    if (!isElsewhere) expect(await me(here, grant)).toBe(401)
    let last = 0
    for (const caller of [here, there]) {
      for (;;) {
        const asked = performance.now()
        if ((await me(caller, grant)) !== 200) break
        last = asked - ended
        await pause(10)
      }
    }
    expect(last).toBeLessThan(1000)
    say(`R-17 on ${name}: ${how}: access on the other server until ${Math.round(last)} ms after`)
  })
})
