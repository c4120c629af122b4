import { beforeAll, describe, expect, test } from 'vitest'
import {
  atProvider,
  challengeOf,
  clientId,
  createBrowser,
  elsewhere,
  endOf,
  expectSignedIn,
  home,
  openSocial,
  type Social,
  tokenOf,
  verifier,
} from './social.js'

/**
 * S-35, S-42, O-01, O-03, O-04, O-08, O-10, S-34: nobody is sent off the list, whatever is asked for, and
 * what goes to the provider is what the standards want.
 */
let social: Social
beforeAll(async () => {
  social = await openSocial()
})

const host = 'app.example.com'
/** What readers of addresses have fallen for; the signs are those of the lists that are public. */
const addresses = [
  ...[
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/\\evil.example',
    '\\/evil.example',
  ],
  ...[
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    '\u0000//evil',
  ],
  ...['https:evil.example', 'https:/evil.example', 'http:evil.example', 'https:///evil.example'],
  ...[
    '%2f%2fevil.example',
    '/%2f/evil.example',
    '/%5cevil.example',
    '%09//evil.example',
    '/%09/evil',
  ],
  ...['https://evil.example', 'HTTPS://EVIL.EXAMPLE', 'ftp://evil.example', 'file:///etc/passwd'],
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
  ],
  ...['data:text/html,<script>alert(1)</script>', 'vbscript:msgbox(1)', 'blob:https://evil/1'],
  ...[`https://${host}@evil.example/signed-in`, `https://${host}:x@evil.example/signed-in`],
  ...[`https://evil.example#@${host}/signed-in`, `https://evil.example?@${host}/signed-in`],
  ...[`https://evil.example\\@${host}/signed-in`, `https://evil.example\\.${host}/signed-in`],
  ...[
    `https://${host}.evil.example/signed-in`,
    `https://evil${host}/signed-in`,
    `https://${host}evil`,
  ],
  ...[
    `https://${host}:443/signed-in`,
    `https://${host}:8443/signed-in`,
    `http://${host}/signed-in`,
  ],
  ...[
    `https://${host.toUpperCase()}/signed-in`,
    `https://${host}./signed-in`,
    `//${host}/signed-in`,
  ],
  ...[`${home}/`, `${home}//`, `${home}/..`, `${home}/../evil`, `${home}%2f..%2fevil`, `${home};x`],
  ...[`${home}?`, `${home}?next=https://evil.example`, `${home}#`, `${home}#@evil.example`],
  ...[
    ` ${home}`,
    `${home} `,
    `${home}\t`,
    `${home}\n`,
    `${home}\r\nLocation: https://evil.example`,
  ],
  ...[
    `${home}%0d%0aSet-Cookie:a=b`,
    `${home}\u0000`,
    `${home}%00`,
    `${home}\u2028`,
    `\ufeff${home}`,
  ],
  ...['https://app\u3002example.com/signed-in', 'https://app\uff0eexample.com/signed-in'],
  ...['https://\uff41pp.example.com/signed-in', 'https://app.ex\u0430mple.com/signed-in'],
  ...[
    'https://app.example\u2024com/signed-in',
    `https://${host}\uff0fsigned-in`,
    'https://\u24d4vil',
  ],
  ...[
    'http:[',
    'https://[',
    'https://[::1]',
    'https://0x7f.1',
    'https://127.1',
    'http://2130706433',
  ],
  ...[
    'https://localhost',
    'http://169.254.169.254/latest/meta-data',
    '.',
    '..',
    '/',
    '?',
    '#',
    '*',
  ],
  ...[
    `${home},${elsewhere}`,
    `["${home}"]`,
    '{}',
    'null',
    'undefined',
    'true',
    '0',
    `${home}${home}`,
  ],
  ...[elsewhere.replace('?tab=1', ''), elsewhere.replace('tab', 'TAB'), `${elsewhere}&x=1`],
  ...['signed-in', '/signed-in', '~', home.replace('https:', ''), home.replace('//', '/')],
]

describe('A-148, A-149: where browsers are sent in the end', () => {
  test('is nowhere but on the list, sign by sign', async () => {
    const browser = social.browser()
    const { json } = await social.target.ask('POST', '/auth/login', { body: social.target.ada })
    for (const address of addresses) {
      const spelled = `/auth/oauth/google?return_to=${encodeURIComponent(address)}`
      const answers = [
        await browser.ask('GET', spelled),
        await browser.ask('POST', '/auth/oauth/google/link', {
          token: json.access_token,
          body: { return_to: address },
        }),
      ]
      for (const answer of answers) {
        expect(answer.status, address).toBe(400)
        expect(answer.json.code).toBe('return_url_not_allowed')
        expect(answer.headers.location).toBeUndefined()
        expect(answer.headers['set-cookie']).toBeUndefined()
      }
    }
  })

  test.each([
    ['raw', 'return_to=//evil.example'],
    ['twice', `return_to=${home}&return_to=https://evil.example`],
    ['as a list', 'return_to[]=https://evil.example'],
    ['as a member', 'return_to[url]=https://evil.example'],
    ['under another name', 'returnTo=https://evil.example'],
    ['as redirect_uri', 'redirect_uri=https://evil.example'],
    ['as next', 'next=https://evil.example'],
    ['broken', 'return_to=%zz'],
    ['half a sign', 'return_to=%c3'],
    ['a lone surrogate', 'return_to=%ed%a0%80'],
    ['empty', 'return_to='],
    ['without a value', 'return_to'],
    ['endless', `return_to=${'a'.repeat(3000)}`],
  ])('%s: refused, before anything else is done', async (_, query) => {
    const answer = await social.target.ask('GET', `/auth/oauth/google?${query}`)
    expect([400, 422]).toContain(answer.status)
    expect(answer.headers.location).toBeUndefined()
  })

  test('a hundred thousand signs and thousands of parameters (A-155): refused at once', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `p${index}=1`).join('&')
    for (const path of ['/auth/oauth/google', '/auth/oauth/google/callback'])
      for (const query of [
        `return_to=${'x'.repeat(12_000)}`,
        many.slice(0, 12_000),
        `scope=${'a+'.repeat(5000)}`,
      ]) {
        const began = performance.now()
        const answer = await social.target.ask('GET', `${path}?${query}`)
        expect([400, 422, 431]).toContain(answer.status)
        expect(performance.now() - began).toBeLessThan(1000)
      }
  })

  test('those on the list are reached with what stands there, and nothing of what came', async () => {
    for (const address of [home, elsewhere]) {
      const answer = await social.browser().signIn(undefined, { query: { return_to: address } })
      expectSignedIn(answer)
      expect(answer.headers.location).toBe(address)
    }
    const cancelled = await social.browser().signIn('nobody', { query: { return_to: elsewhere } })
    expect(cancelled.headers.location).toBe(`${elsewhere}&error=provider_denied`)
  })

  test('an error on the way stays on the list; Host and what proxies say count for nothing (A-148)', async () => {
    const browser = social.browser()
    const callback = await atProvider(await browser.start(), 'nobody')
    const answer = await browser.ask('GET', callback, {
      headers: ['Host', 'evil.example', 'X-Forwarded-Host', 'evil.example'],
    })
    expect(answer.headers.location).toBe(`${home}?error=provider_denied`)
    const start = await social.target.ask('GET', '/auth/oauth/google', {
      headers: [
        'Host',
        'evil.example',
        'X-Forwarded-Host',
        'evil.example',
        'X-Forwarded-Proto',
        'ftp',
      ],
    })
    const sent = new URL(start.headers.location ?? '')
    expect(sent.searchParams.get('redirect_uri')).toBe(
      'http://localhost:8000/auth/oauth/google/callback',
    )
  })
})

describe('A-150: what the provider says went wrong', () => {
  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    'access_denied\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    '{{7*7}}',
    '\u202egnp.evil',
  ])('is not repeated: %j', async (words) => {
    const browser = social.browser()
    const location = await browser.start()
    const state = new URL(location).searchParams.get('state') ?? ''
    const query = new URLSearchParams({ error: words, error_description: words, state })
    const answer = await browser.ask('GET', `/auth/oauth/google/callback?${query}`)
    expect(answer.headers.location).toBe(`${home}?error=provider_denied`)
    const refused = await social.browser().ask('GET', `/auth/oauth/google/callback?${query}`, {
      headers: ['Accept', 'text/html,*/*'],
    })
    expect(refused.status).toBe(400)
    for (const text of [
      answer.text,
      answer.rawHeaders.join(),
      refused.text,
      refused.rawHeaders.join(),
    ]) {
      expect(text).not.toContain(words)
      expect(text).not.toMatch(/<img|alert\(1\)|7\*7/)
    }
    expect(refused.headers['content-security-policy']).toContain("default-src 'none'")
  })
})

describe('O-01, S-34: what goes to the provider', () => {
  test('a code with PKCE S256, state and nonce new each time, and no more scopes than needed', async () => {
    const browser = social.browser()
    const seen = new Set<string>()
    for (let count = 0; count < 5; count += 1) {
      const { searchParams: sent, origin, pathname } = new URL(await browser.start())
      expect(origin + pathname).toBe(
        `${social.standIn.origin}/accounts.google.com/o/oauth2/v2/auth`,
      )
      expect(Object.fromEntries(sent)).toMatchObject({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: 'http://localhost:8000/auth/oauth/google/callback',
        scope: 'openid email profile',
        code_challenge_method: 'S256',
      })
      expect([...sent.keys()].sort()).toEqual([
        ...['client_id', 'code_challenge', 'code_challenge_method', 'nonce', 'redirect_uri'],
        ...['response_type', 'scope', 'state'],
      ])
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(sent.get(name) ?? '')
    }
    expect(seen.size).toBe(15)
  })

  test('the verifier has 43 signs, is sent to the provider alone, and fits its challenge', async () => {
    const browser = social.browser()
    const location = new URL(await browser.start())
    await browser.ask('GET', await atProvider(location.href))
    const sent = social.standIn.asked.at(-1)?.form ?? new URLSearchParams()
    const last = social.standIn.asked.filter(({ form }) => form.has('code_verifier')).at(-1)?.form
    const own = last?.get('code_verifier') ?? ''
    expect(own).toMatch(/^[\w-]{43}$/)
    expect(challengeOf(own)).toBe(location.searchParams.get('code_challenge'))
    expect(sent.has('client_id') ? last?.get('grant_type') : 'authorization_code').toBe(
      'authorization_code',
    )
    expect(location.href).not.toContain(own)
  })

  test('O-08: every answer that sends a browser on is a 303, so that nothing is posted twice', async () => {
    const browser = social.browser()
    const start = await browser.ask('GET', '/auth/oauth/google')
    const end = await browser.ask('GET', await atProvider(start.headers.location ?? ''))
    expect([start.status, end.status]).toEqual([303, 303])
  })

  test('O-04, O-06: no token in a query, no other grant', async () => {
    const browser = social.browser()
    await browser.signIn()
    const token = await tokenOf(browser)
    for (const path of ['/auth/me', '/auth/identities', '/auth/oauth'])
      expect((await social.target.ask('GET', `${path}?access_token=${token}`)).status).not.toBe(
        path === '/auth/oauth' ? 500 : 200,
      )
    for (const query of [
      'code_challenge=short',
      `code_challenge=${challengeOf(verifier)}&code_challenge_method=plain`,
      `code_challenge=${verifier}=`,
      'response_type=token',
      'scope=https://www.googleapis.com/auth/drive',
      'prompt=none',
      'claim=yes',
    ]) {
      const answer = await social.target.ask('GET', `/auth/oauth/google?${query}`)
      expect(answer.status, query).toBeGreaterThanOrEqual(400)
      expect(answer.headers.location).toBeUndefined()
    }
  })
})

describe('without a list', () => {
  test('browsers are sent nowhere that a caller names', async () => {
    const bare = await openSocial(
      { oauth: { returnUrls: [], standIn: social.standIn.origin } },
      { standIn: social.standIn },
    )
    for (const address of [home, '//evil.example', ''])
      expect(
        (
          await createBrowser(bare.target.port).ask(
            'GET',
            `/auth/oauth/google?return_to=${encodeURIComponent(address)}`,
          )
        ).headers.location,
      ).toBeUndefined()
    const plain = await bare.browser().ask('GET', '/auth/oauth/google')
    if (plain.status === 303) {
      const end = endOf(await bare.browser().signIn())
      expect(new URL(end.location).origin).toBe('http://localhost:8000')
    } else expect(plain.status).toBe(400)
  })
})
