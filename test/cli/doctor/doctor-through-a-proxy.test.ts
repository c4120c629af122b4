import { afterAll, beforeAll, expect, test } from 'vitest'
import { askProbe } from '../../../src/server/probe.js'
import { makeCertificate } from '../../services/certificate.js'
import { newFolder, type Variables } from '../command.js'
import { type ServerProcess, serve } from '../server-process.js'
import { type BrokenProxy, openBrokenProxy, type ProxyFaults, without } from './broken-proxy.js'
import { examine, otherSecret, secret } from './examine.js'

/** A real server behind a real proxy that speaks TLS, and does one thing wrong. */
type Fault = {
  faults?: ProxyFaults
  /** Settings of doctor that differ from those of the server. */
  variables?: Variables
  check: string
  status: 'warning' | 'problem'
  says: RegExp
  remedy: RegExp
}

const origin = 'https://localhost:9443'
const forwarded = (value: (address: string) => Record<string, string>): ProxyFaults => ({
  request: (headers, address) => ({ ...headers, ...value(address) }),
})

const broken: Readonly<Record<string, Fault>> = {
  'tells nobody whom it speaks for': {
    faults: { request: without('x-forwarded-for') },
    ...{ check: 'proxy', status: 'problem', says: /all users share its address/ },
    remedy: /\$proxy_add_x_forwarded_for/,
  },
  'tells it in a header that is never read': {
    faults: {
      request: (headers, address) => ({
        ...without('x-forwarded-for')(headers),
        'x-real-ip': address,
      }),
    },
    ...{ check: 'proxy', status: 'problem', says: /x-real-ip, which is never read/ },
    remedy: /X-Forwarded-For/,
  },
  'hands on what callers pretend': {
    faults: { request: (headers) => headers },
    ...{ check: 'proxy', status: 'problem', says: /anybody may pretend any address/ },
    remedy: /\$proxy_add_x_forwarded_for/,
  },
  'writes no address': {
    faults: forwarded(() => ({ 'x-forwarded-for': 'unix:' })),
    ...{ check: 'proxy', status: 'problem', says: /no address/ },
    remedy: /\$proxy_add_x_forwarded_for/,
  },
  'keeps cookies of requests': {
    faults: { request: without('cookie') },
    ...{ check: 'cookies', status: 'problem', says: /does not reach the server/ },
    remedy: /proxy_set_header Cookie/,
  },
  'keeps cookies of answers': {
    faults: { answer: without('set-cookie') },
    ...{ check: 'cookies', status: 'problem', says: /does not arrive/ },
    remedy: /proxy_hide_header Set-Cookie/,
  },
  'takes Secure off cookies': {
    faults: {
      answer: (headers) => ({
        ...headers,
        ...(headers['set-cookie'] && {
          'set-cookie': headers['set-cookie'].map((line) => line.replace('; Secure', '')),
        }),
      }),
    },
    ...{ check: 'cookies', status: 'problem', says: /without Secure/ },
    remedy: /proxy_cookie_flags/,
  },
  'gives cookies to a whole domain': {
    faults: {
      answer: (headers) => ({
        ...headers,
        ...(headers['set-cookie'] && {
          'set-cookie': headers['set-cookie'].map((line) => `${line}; Domain=example.com`),
        }),
      }),
    },
    ...{ check: 'cookies', status: 'problem', says: /with Domain=example\.com/ },
    remedy: /proxy_cookie_domain/,
  },
  'takes HSTS away': {
    faults: { answer: without('strict-transport-security') },
    ...{ check: 'headers', status: 'problem', says: /strict-transport-security/ },
    remedy: /proxy_hide_header/,
  },
  'lets answers be cached': {
    faults: { answer: (headers) => ({ ...headers, 'cache-control': 'public, max-age=60' }) },
    ...{ check: 'headers', status: 'problem', says: /cache-control/ },
    remedy: /add_header/,
  },
  'answers preflights itself': {
    faults: { swallows: { method: 'OPTIONS', status: 405 } },
    ...{ check: 'cors', status: 'problem', says: /pages of https:\/\/localhost:9443 may not call/ },
    remedy: /pass OPTIONS/,
  },
  'opens the door to every page': {
    faults: { answer: (headers) => ({ ...headers, 'access-control-allow-origin': '*' }) },
    ...{ check: 'cors', status: 'problem', says: /any page may call/ },
    remedy: /remove add_header Access-Control-Allow-Origin/,
  },
  'does not say how much is left': {
    faults: { answer: without('ratelimit', 'ratelimit-policy') },
    ...{ check: 'limits', status: 'warning', says: /do not carry the RateLimit headers/ },
    remedy: /ratelimit-policy/,
  },
  'has a certificate that nobody trusts': {
    variables: { NODE_EXTRA_CA_CERTS: '' },
    ...{ check: 'public address', status: 'problem', says: /is not trusted \(/ },
    remedy: /^Renew it/,
  },
  'leads to a server with other proxies': {
    variables: { TRUSTED_PROXIES: '10.0.0.5' },
    ...{ check: 'proxy', status: 'problem', says: /another TRUSTED_PROXIES/ },
    remedy: /^Start the server again$/,
  },
  'leads to a server with other origins': {
    variables: { ALLOWED_ORIGINS: 'https://localhost:9444' },
    ...{ check: 'cors', status: 'problem', says: /although ALLOWED_ORIGINS names it/ },
    remedy: /^Start the server again if ALLOWED_ORIGINS changed/,
  },
  'leads to a server with another secret': {
    variables: { LATCHKEY_SECRET: otherSecret },
    ...{ check: 'proxy', status: 'warning', says: /another root secret/ },
    remedy: /settings of that server/,
  },
}

let proxy: BrokenProxy
let server: ServerProcess
let folder: string
let caFile: string
const settings = (): Variables => ({
  BASE_URL: `https://localhost:${proxy.port}`,
  LATCHKEY_SECRET: secret,
  ALLOWED_ORIGINS: origin,
  TRUSTED_PROXIES: '127.0.0.1',
})
const doctor = (variables: Variables = {}) =>
  examine(folder, {
    ...settings(),
    PORT: String(server.places.port),
    NODE_EXTRA_CA_CERTS: caFile,
    ...variables,
  })

beforeAll(async () => {
  folder = newFolder()
  caFile = await makeCertificate(folder, undefined)
  proxy = await openBrokenProxy(caFile)
  server = await serve(folder, settings())
})
afterAll(async () => {
  proxy.close()
  await server.stop()
})

test('nothing is wrong behind a proxy that does its work', async () => {
  proxy.lead(Number(server.places.port))
  const { code, problems, warnings, checks } = await doctor()

  expect({ code, problems, warnings }).toEqual({ code: 0, problems: [], warnings: [] })
  const details = checks.map(({ name, detail }) => `${name}: ${detail}`).join('\n')
  expect(details).toMatch(/proxy: the proxy at 127\.0\.0\.1 is trusted/)
  expect(details).toMatch(/cookies: __Host-refresh_token comes and goes/)
  expect(details).toMatch(/cors: pages of https:\/\/localhost:9443 may call; pages from elsewhere/)
  expect(details).toMatch(/headers: all arrive/)
  expect(details).toMatch(/limits: .* say how much is left/)
})

test.each(Object.entries(broken))(
  'a proxy that %s',
  async (_, { faults, variables, ...expected }) => {
    proxy.lead(Number(server.places.port), faults)
    const { code, checks } = await doctor(variables)
    const found = checks.filter(({ name, status }) => name === expected.check && status !== 'ok')

    expect(found, JSON.stringify(checks, null, 2)).toContainEqual({
      name: expected.check,
      status: expected.status,
      detail: expect.stringMatching(expected.says),
      remedy: expect.stringMatching(expected.remedy),
    })
    if (expected.status === 'problem') expect(code).toBe(4)
  },
)

test('a proxy that leads nowhere', async () => {
  proxy.lead(9)
  const { warnings } = await doctor()

  expect(warnings).toContainEqual({
    name: 'public address',
    status: 'warning',
    detail: expect.stringContaining('nobody answers like latchkey'),
    remedy: expect.stringContaining(`lead to port ${server.places.port}`),
  })
})

test('a proxy that speaks for its callers, and is not believed', async () => {
  const other = newFolder()
  const deaf = await serve(other, { ...settings(), TRUSTED_PROXIES: '' })
  proxy.lead(Number(deaf.places.port))
  const { problems } = await examine(other, {
    ...settings(),
    TRUSTED_PROXIES: '',
    PORT: String(deaf.places.port),
    NODE_EXTRA_CA_CERTS: caFile,
  })
  await deaf.stop()

  expect(problems).toEqual([
    {
      name: 'proxy',
      status: 'problem',
      detail: expect.stringContaining('is not believed'),
      remedy: 'Set TRUSTED_PROXIES=127.0.0.1, and start the server again',
    },
  ])
})

test('the header of doctor means nothing without the root secret, and nothing a second time', async () => {
  const ask = async (header: string, path = '/health/live') =>
    (await server.call(path, { headers: { 'latchkey-doctor': header } })).json()
  const genuine = askProbe(secret, new Date())
  const old = askProbe(secret, new Date(Date.now() - 3_600_000))

  for (const header of ['tell me', '', askProbe(otherSecret, new Date()), `${genuine}x`, old])
    expect(await ask(header)).not.toHaveProperty('peer')
  expect(await ask(genuine, '/health')).not.toHaveProperty('peer')
  expect(await ask(genuine)).toHaveProperty('peer')
  expect(await ask(genuine)).not.toHaveProperty('peer')
})
