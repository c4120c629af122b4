import { afterEach, describe, expect, test } from 'vitest'
import { route } from '../../src/http/route.js'
import { jsonPost, raw, requestText } from './raw.js'
import { startTarget, type Target } from './target.js'

/** A-217 for lists of addresses: what the list guards is what the router finds. */
const adminRoute = (path: string) =>
  route({
    method: 'GET',
    path,
    summary: 'For the test',
    tag: 'Service',
    access: 'public',
    answers: { 200: 'Raw' },
    handle: async () => ({ contentType: 'text/plain; charset=utf-8', body: 'the keys' }),
  })

const routes = ['/admin', '/admin/keys', '/admin/users/{id}', '/{page}', '/administration'].map(
  adminRoute,
)

describe('lists of addresses', () => {
  let target: Target
  afterEach(() => target.close())
  const from = async (address: string, path: string, method = 'GET') =>
    target.ask(method, path, { headers: ['X-Forwarded-For', address] })
  const http = { trustedProxies: ['127.0.0.1'] }

  test('A-217 no spelling of a path under /admin passes the list for administrators', async () => {
    const adminAllowedAddresses = ['10.0.0.0/8']
    target = await startTarget({ http: { ...http, adminAllowedAddresses } }, { routes })
    const paths = ['/admin', '/v1/admin', '/admin/keys', '/v1/admin/keys', '/admin/users/7']
    for (const path of [...paths, '/admin/nothing', '/admin/', '/admin?x', '/admin/keys?a=1']) {
      const { status, json, text } = await from('192.0.2.7', path)
      expect([path, status, json.code]).toEqual([path, 403, 'address_not_allowed'])
      expect(text).not.toContain('10.')
    }
    for (const method of ['POST', 'OPTIONS', 'HEAD', 'DELETE', 'PUT'])
      expect((await from('192.0.2.7', '/admin/keys', method)).status).toBe(403)
    for (const path of paths) {
      const { status, text } = await from('10.1.2.3', path)
      expect([path, status, text]).toEqual([path, 200, 'the keys'])
    }
    for (const path of [
      ...['//admin/keys', '/ADMIN/keys', '/%61dmin/keys', '/./admin/keys', '/x/../admin/keys'],
      ...['/;/admin/keys', '/admin%2fkeys', '/v1//admin/keys', '/V1/admin/keys', '/..;/admin/keys'],
    ]) {
      const { status, text } = await from('192.0.2.7', path)
      expect([path, status]).toEqual([path, 404])
      expect(text).not.toContain('the keys')
    }
    for (const path of ['/administration', '/about'])
      expect((await from('192.0.2.7', path)).status).toBe(200)
  })

  test('A-217 another form of the target passes no list either', async () => {
    target = await startTarget({ http: { adminDeniedAddresses: ['127.0.0.1'] } }, { routes })
    for (const form of ['/admin/keys', 'http://x/admin/keys', 'https://x:1/v1/admin/keys?'])
      expect((await raw(target.port, requestText(`GET ${form} HTTP/1.1`))).statuses).toEqual([403])
  })

  test('who is denied is served nothing, whatever else is allowed; who is not on the list neither', async () => {
    target = await startTarget({
      http: {
        ...http,
        allowedAddresses: ['192.0.2.0/24', '2001:db8::/32'],
        deniedAddresses: ['192.0.2.7', '2001:db8:bad::/48'],
      },
    })
    const refused = ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:bad::1', '198.51.100.1', 'unknown']
    for (const address of refused)
      for (const path of [
        '/health',
        '/health/live',
        '/auth/me',
        '/nowhere',
        '/.well-known/jwks.json',
      ])
        expect([address, path, (await from(address, path)).status]).toEqual([address, path, 403])
    for (const address of ['192.0.2.8', '::ffff:192.0.2.9', '2001:DB8:900d::1'])
      expect((await from(address, '/health')).status).toBe(200)
    expect((await target.ask('GET', '/health')).status).toBe(403) // the proxy itself is not on the list
  })

  test('who is refused costs nothing: no count, no body read, and the usual headers', async () => {
    target = await startTarget({
      limits: { requests: 1 },
      http: { deniedAddresses: ['127.0.0.1'] },
    })
    for (let times = 0; times < 3; times += 1) {
      const { statuses, text } = await raw(target.port, jsonPost('/auth/login', '{'))
      expect(statuses).toEqual([403])
      expect(text).toMatch(/x-content-type-options: nosniff/)
      expect(text).not.toMatch(/ratelimit/i)
    }
  })
})
