import { createHash } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { grace } from '../../src/testing/stand-in/people.js'
import { type StandIn, startStandIn } from '../../src/testing/stand-in/stand-in.js'
import type { Answer, Caller } from './calls.js'

/** People who sign in through a provider of this machine, each in a browser of their own. */
export const home = 'http://localhost:5173/signed-in'
export const clientId = 'latchkey'
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challenge = createHash('sha256').update(verifier).digest('base64url')

/** A stand-in for all tests of a file, and the settings that lead to it. */
export const withProviders = (): { standIn(): StandIn; env(): Record<string, string> } => {
  let standIn: StandIn | undefined
  beforeAll(async () => {
    standIn = await startStandIn()
  })
  afterAll(() => standIn?.stop())
  const here = (): StandIn => {
    if (standIn === undefined) throw new Error('The stand-in has not been started')
    return standIn
  }
  return {
    standIn: here,
    env: () => ({
      ...{ GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: `${clientId}-secret` },
      ...{ GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: `${clientId}-secret` },
      RETURN_URLS: home,
      OAUTH_STAND_IN_URL: here().origin,
    }),
  }
}

/** Somebody new at the provider. */
export const newcomer = ({ people }: StandIn, name: string, domain = 'gmail.com') => {
  const person = { ...grace, subject: name, email: `${name}@${domain}` }
  people.push(person)
  return person
}

export type Underway = {
  /** Where the provider has sent the browser back to, and the cookie that it brings. */
  callback: string
  cookie: string
}

/** As far as the way back, which has not been gone. Undefined when the server broke off. */
export const setOut = async (
  caller: Caller,
  {
    provider = 'google',
    who,
    query = '',
  }: { provider?: string; who?: string; query?: string } = {},
): Promise<Underway | undefined> => {
  const start = await caller.tryCall('GET', `/auth/oauth/${provider}?${query}`)
  if (start?.status !== 303) return undefined
  const [cookie = ''] = (start.headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '')
  return { callback: await atProvider(start.headers.location ?? '', who), cookie }
}

export const atProvider = async (location: string, who?: string): Promise<string> => {
  const address = new URL(location)
  if (who !== undefined) address.searchParams.set('login_hint', who)
  const { headers } = await fetch(address, { redirect: 'manual' })
  const back = new URL(headers.get('location') ?? '')
  return back.pathname + back.search
}

export const comeBack = (caller: Caller, underway: Underway): Promise<Answer | undefined> =>
  caller.tryCall('GET', underway.callback, { headers: { cookie: underway.cookie } })

/** The whole way. */
export const visit = async (
  caller: Caller,
  about: Parameters<typeof setOut>[1] = {},
): Promise<Answer | undefined> => {
  const underway = await setOut(caller, about)
  return underway && comeBack(caller, underway)
}

export const refreshCookie = (answer: Answer | undefined): string | undefined =>
  answer?.headers['set-cookie']
    ?.map((line) => line.split(';')[0] ?? '')
    .find((pair) => /^refresh_token=./.test(pair))

/** In: sent home, with a session. */
export const isIn = (answer: Answer | undefined): boolean =>
  answer?.status === 303 && answer.headers.location === home && refreshCookie(answer) !== undefined

export const errorOf = (answer: Answer | undefined): string | null | undefined =>
  answer?.status === 303
    ? new URL(answer.headers.location ?? home).searchParams.get('error')
    : answer?.body.code
