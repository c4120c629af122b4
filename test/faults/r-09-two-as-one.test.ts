import { beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from '../cli/command.js'
import {
  type Caller,
  createCaller,
  password,
  pause,
  refresh,
  type SignedIn,
  signUp,
} from './calls.js'
import type { Ground } from './ground.js'
import { grounds, onGrounds } from './grounds.js'
import { say } from './runs.js'
import {
  atProvider,
  comeBack,
  errorOf,
  isIn,
  newcomer,
  setOut,
  visit,
  withProviders,
} from './visitors.js'

/** two servers on one store are one service. */
const providers = withProviders()

onGrounds('R-09', grounds, (open, name) => {
  let ground: Ground
  let here: Caller
  let there: Caller
  beforeAll(async () => {
    ground = await open()
    const env = { LOG_LEVEL: 'warn', ...providers.env() }
    here = createCaller(await ground.start({ env }))
    there = createCaller(await ground.start({ env }))
  })

  let people = 0
  let email: string
  let grant: SignedIn
  beforeEach(async () => {
    people += 1
    email = `person${people}@example.com`
    const first = await signUp(here, email)
    const refreshed = await refresh(there, first.refreshToken)
    expect(refreshed.status).toBe(200)
    grant = { accessToken: first.accessToken, refreshToken: refreshed.body.refresh_token ?? '' }
    await expectMe(there) // and so it is remembered there
  })

  const expectMe = async (caller: Caller): Promise<void> => {
    const answer = await caller.call('GET', '/auth/me', { token: grant.accessToken })
    expect(answer.status).toBe(200)
  }

  /** How long after the end somebody could still begin something there with the access token. */
  const lastAccess = async (ended: number): Promise<number> => {
    let last = 0
    for (;;) {
      const asked = performance.now()
      const { status } = await there.call('GET', '/auth/me', { token: grant.accessToken })
      if (status === 401) return last
      expect(status).toBe(200)
      last = asked - ended
      await pause(10)
    }
  }

  /** From the moment on when the answer is here: the refresh token at once, the access token within a second. */
  const expectDead = async (how: string): Promise<void> => {
    const ended = performance.now()
    const dead = await refresh(there, grant.refreshToken)
    expect([dead.status, dead.body.code]).toEqual([401, 'session_revoked'])
    const last = await lastAccess(ended)
    expect(last).toBeLessThan(1000)
    say(
      `R-09 on ${name}: ${how}: refresh dead on the other server at once, access after ${Math.round(last)} ms`,
    )
  }

  test('signed in here, refreshed there, signed out here: dead there', async () => {
    const out = await here.call('POST', '/auth/logout', {
      body: { refresh_token: grant.refreshToken },
    })
    expect(out.status).toBe(204)

    await expectDead('signed out')
  })

  test('all sessions are ended here: dead there', async () => {
    const out = await here.call('POST', '/auth/logout', {
      body: { refresh_token: grant.refreshToken, scope: 'all' },
    })
    expect(out.status).toBe(204)

    await expectDead('all sessions ended')
  })

  test('a password is changed here: other sessions are dead there', async () => {
    const login = await here.call('POST', '/auth/login', { body: { email, password } })
    const changed = await here.call('POST', '/auth/password/change', {
      body: { current_password: password, new_password: `${password} anew` },
      ...(login.body.access_token && { token: login.body.access_token }),
    })
    expect(changed.status, changed.text).toBeLessThan(300)

    await expectDead('password changed')
  })

  test('an account is disabled on the command line: dead on both servers, and not let in again', async () => {
    const { code, stderr } = await run(ground.folder, ['users', 'disable', email], ground.env)
    expect(code, stderr).toBe(0)

    await expectDead('disabled')
    const login = await there.call('POST', '/auth/login', { body: { email, password } })
    expect([login.status, login.body.code]).toEqual([403, 'account_disabled'])
  })

  test('a sign-in through a provider begins here and ends there; what is linked here is known there', async () => {
    const who = newcomer(providers.standIn(), `${name.replaceAll(' ', '-')}-${people}`)
    const underway = await setOut(here, { who: who.subject })
    const back = underway && (await comeBack(there, underway))
    expect(isIn(back), back?.text).toBe(true)
    expect(errorOf(underway && (await comeBack(here, underway)))).toBe('invalid_state')

    const body = { password }
    const begun = await here.call('POST', '/auth/oauth/github/link', {
      token: grant.accessToken,
      body,
    })
    const cookie = begun.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const other = newcomer(providers.standIn(), `${name.replaceAll(' ', '-')}-${people}-linked`)
    const callback = await atProvider(String(begun.body.location), other.subject)
    const linked = await comeBack(there, { callback, cookie })
    expect(linked?.headers.location).toContain('?linked=github')
    const identities = await here.call('GET', '/auth/identities', { token: grant.accessToken })
    expect(identities.text).toContain('"github"')
    expect(isIn(await visit(here, { provider: 'github', who: other.subject }))).toBe(true)

    const [, id = ''] = /"id":"([^"]+)"/.exec(identities.text) ?? []
    const gone = await there.call('DELETE', `/auth/identities/${id}`, {
      token: grant.accessToken,
      body,
    })
    expect(gone.status, gone.text).toBe(204)
    const after = await here.call('GET', '/auth/identities', { token: grant.accessToken })
    expect(after.text).not.toContain('"github"')
    say(`R-09 on ${name}: a sign-in begun here and ended there, once; linked and unlinked at once`)
  })

  test('20 wrong logins, half of them here and half there, are counted together', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? here : there).call('POST', '/auth/login', {
          body: { email, password: `${password} not` },
        }),
      ),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ body }) => body.code === 'too_many_attempts')).toHaveLength(10)
    for (const caller of [here, there]) {
      const right = await caller.call('POST', '/auth/login', { body: { email, password } })
      expect([right.status, right.body.code]).toEqual([429, 'too_many_attempts'])
    }
  })
})
