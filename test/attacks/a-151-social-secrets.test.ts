import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StandIn, startStandIn } from '../../src/testing/stand-in/stand-in.js'
import { type ServerProcess, startProcess } from './server-process.js'
import { atProvider, challengeOf, createBrowser, endOf, verifier } from './social.js'
import { send } from './target.js'

/** A-151, A-204, S-48 for sign-ins through providers: at the most talkative level, and in the file, nothing that opens anything. */
const clientId = `app-${randomBytes(8).toString('hex')}`
const clientSecret = `${clientId}-secret`
let standIn: StandIn
let server: ServerProcess
beforeAll(async () => {
  standIn = await startStandIn()
  server = await startProcess({
    GOOGLE_CLIENT_ID: clientId,
    GOOGLE_CLIENT_SECRET: clientSecret,
    RETURN_URLS: 'http://localhost:5173/in',
    OAUTH_STAND_IN_URL: standIn.origin,
    OAUTH_KEEP_TOKENS: 'true',
    LOG_LEVEL: 'debug',
    DATABASE_URL: 'sqlite:./secrets.db',
  })
})
afterAll(async () => {
  await server.stop()
  await standIn.stop()
})

test('whatever goes well or wrong, no secret is written down, told, or put into an address', async () => {
  const used = new Set<string>([clientSecret, verifier])
  const told: string[] = []
  const note = (...values: (string | null | undefined)[]): void => {
    for (const value of values) if (value && value.length > 15) used.add(value)
  }
  const wayThrough = async (query = {}, who?: string): Promise<void> => {
    const browser = createBrowser(server.port)
    const location = await browser.start('google', query)
    const { searchParams } = new URL(location)
    note(searchParams.get('state'), searchParams.get('nonce'), ...browser.cookies.values())
    const callback = await atProvider(location, who)
    note(new URL(callback, 'http://x').searchParams.get('code'))
    const answer = await browser.ask('GET', callback)
    told.push(answer.text)
    note(...browser.cookies.values())
    const { code } = endOf(answer)
    note(code)
    const body = { code: code ?? 'none', code_verifier: verifier }
    const { json } = await send(server.port, 'POST', '/auth/oauth/exchange', { body })
    note(json.access_token, json.refresh_token)
    told.push((await send(server.port, 'POST', '/auth/oauth/exchange', { body })).text)
    told.push((await browser.ask('GET', callback)).text)
  }

  await wayThrough()
  await wayThrough({ code_challenge: challengeOf(verifier) })
  await wayThrough({}, 'nobody')
  const places = [
    '/oauth2.googleapis.com/token',
    '/openidconnect.googleapis.com',
    '/oauth2.googleapis.com/tokeninfo',
  ]
  const own = () => standIn.accessToken({ provider: 'google', clientId })
  for (const place of places)
    for (const wrong of [
      'reset' as const,
      () => ({ status: 500, body: 'no' }),
      () => ({ status: 302, headers: { location: 'http://x/?secret' } }),
      (answer: { body?: string | Uint8Array }) => ({
        headers: { 'content-type': 'application/json' },
        body: `{"a":1,"a":2,${`${answer.body}`.slice(1)}`,
      }),
      (answer: { body?: string | Uint8Array }) => ({
        headers: { 'content-type': 'application/json' },
        body: `${answer.body}`.slice(0, -5),
      }),
    ]) {
      standIn.twist(place, wrong)
      await wayThrough()
      const token = own()
      note(token)
      told.push((await send(server.port, 'POST', '/auth/oauth/google', { token })).text)
      standIn.straighten()
    }
  const idToken = await standIn.idToken({
    provider: 'google',
    clientId: 'another',
    nonce: 'n'.repeat(20),
  })
  note(idToken, 'n'.repeat(20))
  told.push(
    (
      await send(server.port, 'POST', '/auth/oauth/google', {
        body: { id_token: idToken, nonce: 'n'.repeat(20) },
      })
    ).text,
  )
  for (const { form, headers, query } of standIn.asked) {
    note(form.get('code'), form.get('code_verifier'), query.get('access_token'))
    note(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1])
  }

  expect(used.size).toBeGreaterThan(40) // else not much was looked for
  const files = readdirSync(server.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('secrets.db'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect(files.length).toBeGreaterThan(0)
  const log = server.said()
  expect(log).toContain('a sign-in through a provider was refused')
  for (const secret of used) {
    expect(log.includes(secret), `in the log: ${secret}`).toBe(false)
    expect(
      told.some((text) => text.includes(secret)),
      `told: ${secret}`,
    ).toBe(false)
    for (const file of files) expect(file.includes(secret), `in the file: ${secret}`).toBe(false)
  }
})
