import { createHash } from 'node:crypto'
import { afterAll, expect, onTestFinished } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { google } from '../../src/features/oauth/providers/google.js'
import type { AuthOptions } from '../../src/options.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import type { Store } from '../../src/stores/store.js'
import { createTestClock, type TestClock } from '../../src/testing/clock.js'
import { type StandIn, startStandIn } from '../../src/testing/stand-in/stand-in.js'
import { withoutLimits } from '../without-limits.js'
import {
  type Answer,
  listen,
  rootSecret,
  type Sent,
  send,
  startTarget,
  type Target,
} from './target.js'

/** A server with login providers, the stand-in for them, and browsers that go back and forth between the two. */
export type Social = {
  target: Pick<Target, 'port' | 'ask'> & Pick<Target, 'auth' | 'ada' | 'events'>
  standIn: StandIn
  clock: TestClock
  browser(): Browser
  /** One more server on the same store, as a neighbour or after a restart; `changes` to how it is set up. */
  another(changes?: Partial<AuthOptions>): Promise<Pick<Target, 'port' | 'ask'>>
}

export const clientId = 'latchkey.apps.googleusercontent.com'
export const otherClientId = 'somebody-elses.apps.googleusercontent.com'
export const clientSecret = `${clientId}-secret`

/** Google, and the same Google once more under another name: what is good at one must be worth nothing at the other. */
export const twoProviders = [
  { name: 'google', clientId, clientSecret },
  {
    name: 'twin',
    clientId: 'twin',
    clientSecret: 'twin-secret',
    definition: { ...google, name: 'twin', title: 'Twin' },
  },
]

export const home = 'https://app.example.com/signed-in'
export const elsewhere = 'https://app.example.com/other?tab=1'

export const openSocial = async (
  options: Partial<AuthOptions> = {},
  { standIn = undefined as StandIn | undefined } = {},
): Promise<Social> => {
  const ours = standIn ?? (await startStandIn())
  const clock = createRunningClock()
  const { oauth, store = memoryStore(), ...others } = options
  const whole = {
    ...{ secret: rootSecret, limits: withoutLimits, clock, store, ...others },
    oauth: {
      ...{ providers: twoProviders, returnUrls: [home, elsewhere], standIn: ours.origin },
      ...oauth,
    },
  }
  const target = await startTarget(whole)
  afterAll(async () => {
    await target.close()
    if (standIn === undefined) await ours.stop()
  })
  return {
    target,
    standIn: ours,
    clock,
    browser: () => createBrowser(target.port),
    another: async (changes = {}) => {
      // the store closes with the first
      const shared: Store = { ...store, close: async () => {} }
      const next = await listen(createAuth({ ...whole, ...changes, store: shared }))
      onTestFinished(next.close)
      return next
    },
  }
}

/** What a provider signs is of the present, so time runs here; it can be moved besides. */
const createRunningClock = (): TestClock => {
  const moved = createTestClock(new Date(0))
  return Object.assign(() => new Date(Date.now() + moved().getTime()), { advance: moved.advance })
}

/** A browser: it keeps cookies and says where it comes from. Nothing is followed by itself. */
export type Browser = {
  cookies: Map<string, string>
  ask(method: string, path: string, sent?: Sent): Promise<Answer>
  /** Begins a sign-in; where the browser is sent to. */
  start(provider?: string, query?: Readonly<Record<string, string>>): Promise<string>
  /** The whole way, through the provider and back; the answer of the callback. */
  signIn(who?: string, wish?: Wish): Promise<Answer>
}
type Wish = { provider?: string; query?: Readonly<Record<string, string>> }

export const createBrowser = (port: number): Browser => {
  const cookies = new Map<string, string>()

  const ask: Browser['ask'] = async (method, path, sent = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const site = method === 'GET' ? 'cross-site' : 'same-origin'
    const answer = await send(port, method, path, {
      ...sent,
      headers: [
        ...(cookie === '' ? [] : ['Cookie', cookie]),
        ...(sent.headers?.includes('Sec-Fetch-Site') ? [] : ['Sec-Fetch-Site', site]),
        ...(sent.headers ?? []),
      ],
    })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  const start: Browser['start'] = async (provider = 'google', query = {}) => {
    const path = `/auth/oauth/${provider}?${new URLSearchParams(query)}`
    const answer = await ask('GET', path)
    expect(answer.status, answer.text).toBe(303)
    return answer.headers.location ?? ''
  }

  return {
    cookies,
    ask,
    start,
    signIn: async (who, { provider, query } = {}) =>
      ask('GET', await atProvider(await start(provider, query), who)),
  }
}

/** Somebody signs in at the provider, where the browser was sent; the path of ours that it is sent back to. */
export const atProvider = async (location: string, who?: string): Promise<string> => {
  const address = new URL(location)
  if (who !== undefined) address.searchParams.set('login_hint', who)
  const { headers } = await fetch(address, { redirect: 'manual' })
  const back = new URL(headers.get('location') ?? '')
  return back.pathname + back.search
}

/** Where the browser ends up, and with what. */
export const endOf = ({ headers }: Answer) => {
  const location = new URL(headers.location ?? 'about:blank')
  const cookies = headers['set-cookie'] ?? []
  return {
    location: location.origin + location.pathname,
    error: location.searchParams.get('error'),
    code: location.searchParams.get('code'),
    linked: location.searchParams.get('linked'),
    session: cookies.find((line) => /^(?:__Host-)?refresh_token=[^;]/.test(line)),
  }
}

/** Signed in, by a cookie. */
export const expectSignedIn = (answer: Answer): void => {
  expect([answer.status, endOf(answer).error], answer.text).toEqual([303, null])
  expect(endOf(answer).session).toBeDefined()
}

/** Refused where it stands, or sent on with the code of a refusal; nobody is signed in. */
export const expectRefused = (answer: Answer, code: string): void => {
  const { error, session } = endOf(answer)
  expect([answer.json?.code ?? error, session], answer.text).toEqual([code, undefined])
  expect(answer.status === 303 || (answer.status >= 400 && answer.status < 500)).toBe(true)
}

/** The access token of the session that a browser holds. */
export const tokenOf = async (browser: Browser): Promise<string> => {
  const { status, json, text } = await browser.ask('POST', '/auth/refresh')
  expect(status, text).toBe(200)
  return json.access_token
}

export const meOf = async ({ target }: Pick<Social, 'target'>, token: string) =>
  (await target.ask('GET', '/auth/me', { token })).json

export const identitiesOf = async ({ target }: Pick<Social, 'target'>, token: string) =>
  (await target.ask('GET', '/auth/identities', { token })).json.identities

export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challengeOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

/** How often the provider was asked below a path. */
export const askedOf = ({ standIn }: Pick<Social, 'standIn'>, path: string): number =>
  standIn.asked.filter((question) => question.path.startsWith(path)).length

export const tokenPath = '/oauth2.googleapis.com/token'
