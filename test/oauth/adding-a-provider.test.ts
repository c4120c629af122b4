import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acme } from './acme.js'
import { configuredAt, redirectUri, refusalOf } from './at-a-provider.js'

/** The example of the guide, against a provider that speaks as it says. */
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const answers: Readonly<Record<string, (body: URLSearchParams) => object>> = {
  '/acme.example/oauth/token': (body) =>
    body.get('code') === 'right' && body.get('code_verifier') && body.get('client_secret') === 's'
      ? { access_token: 'at', token_type: 'bearer' }
      : { error: 'bad_verification_code' },
  '/acme.example/oauth/introspect': (body) =>
    body.get('token') === 'at' ? { active: true, client_id: 'app' } : { active: false },
  '/api.acme.example/me': () => ({
    ...{ id: '7', mail: 'ada@example.com', mail_confirmed: true, name: '<b>Ada</b>' },
  }),
}

let server: Server
let origin: string
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = answers[request.url ?? '']?.(new URLSearchParams(body))
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const provider = () =>
  configuredAt(origin, { name: 'acme', clientId: 'app', clientSecret: 's', definition: acme })

test('the guide shows the entry that is run here', () => {
  const example = read('./acme.ts').replace('../../src/index.js', 'latchkey')
  expect(read('../../docs/guides/adding-a-provider.md')).toContain(example)
  expect(example.split('\n').length).toBeLessThan(60)
})

test('it lets somebody in by a code and by an access token of this client', async () => {
  const ada = {
    subject: '7',
    email: 'ada@example.com',
    isEmailConfirmed: true,
    firstName: 'b Ada /b',
  }
  const redemption = { codeVerifier: 'v'.repeat(43), redirectUri, nonce: undefined }

  expect(provider().accepts).toEqual(['code', 'access_token'])
  expect((await provider().byCode({ ...redemption, code: 'right' })).person).toMatchObject(ada)
  expect((await provider().byAccessToken('at')).person).toMatchObject(ada)
  expect(await refusalOf(provider().byAccessToken('stolen'))).toBe('provider_token_rejected')
  expect(await refusalOf(provider().byCode({ ...redemption, code: 'wrong' }))).toBe(
    'provider_token_rejected',
  )
})
