import { google } from '../../src/features/oauth/providers/google.js'
import { bearer, get, type Headers, post, raw, remove, type Step, step } from './step.js'

/** Two providers, one of which posts its answers. Nobody is asked anything: there is no network. */
export const oauth = {
  providers: [
    { name: 'github', clientId: 'shop', clientSecret: 'shop-secret' },
    {
      name: 'posting',
      clientId: 'shop',
      clientSecret: 'shop-secret',
      definition: { ...google, name: 'posting', title: 'Posting', responseMode: 'form_post' },
    },
  ],
  returnUrls: ['https://app.example.com/signed-in'],
} as const

const asForm = ['Content-Type', 'application/x-www-form-urlencoded'] as const
const fromAfar: Headers = [
  ['Origin', 'https://appleid.apple.com'],
  ['Sec-Fetch-Site', 'cross-site'],
]
const inBrowser = ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'] as const
const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&')
const posted = (name: string, body: string) =>
  raw('POST', `/auth/oauth/${name}/callback`, body, asForm, ...fromAfar)

/** Goes with an account that is signed in. */
export const social: readonly Step[] = [
  step(200, 'the login providers', get('/auth/oauth')),
  step(400, 'start at nobody', get('/auth/oauth/nobody')),
  step(400, 'start at nobody, as a page', get('/v1/auth/oauth/nobody', inBrowser)),
  step(422, 'start with no challenge at all', get('/auth/oauth/github?code_challenge=x')),
  step(422, 'start with two returns', get('/auth/oauth/github?return_to=a&return_to=b', inBrowser)),
  step(400, 'return elsewhere', get('/auth/oauth/github?return_to=https://evil.example')),
  step(405, 'head of the start', raw('HEAD', '/auth/oauth/github', undefined)),
  step(400, 'come back from nowhere', get('/auth/oauth/github/callback?code=a&state=b')),
  step(
    400,
    'the same as a page, with a text of a stranger',
    get('/v1/auth/oauth/github/callback?error=%3Cb%3E&error_description=%3Cb%3E', inBrowser),
  ),
  step(422, 'come back with two states', get('/auth/oauth/github/callback?state=a&state=b')),
  step(400, 'come back with much', get(`/auth/oauth/github/callback?${many(1_000)}`)),
  step(422, 'come back with too much', get(`/auth/oauth/github/callback?${many(2_000)}`)),
  step(405, 'head of the callback', raw('HEAD', '/auth/oauth/github/callback', undefined)),
  step(303, 'a posted answer', posted('posting', 'code=a%26b&state=c&user=%7B%7D&id_token=x')),
  step(400, 'a posted answer with two states', posted('posting', 'state=a&state=b')),
  step(400, 'a posted answer that is too long', posted('posting', `code=${'a'.repeat(5_000)}`)),
  step(405, 'a posted answer of who does not post', posted('github', 'code=a&state=b')),
  step(400, 'a posted answer of nobody', posted('nobody', 'code=a&state=b')),
  step(401, 'no proof', post('/auth/oauth/github', {})),
  step(
    400,
    'an ID token of who has none',
    post('/auth/oauth/github', { id_token: 'x', nonce: '12345678' }),
  ),
  step(
    400,
    'a code that was never given',
    post('/auth/oauth/exchange', { code: 'v1.x', code_verifier: 'v'.repeat(43) }),
  ),
  step(400, 'link nobody', post('/auth/oauth/nobody/link', {}, bearer)),
  step(200, 'linked logins', get('/auth/identities', bearer)),
  step(
    400,
    'link nobody by a token',
    post('/auth/identities', { provider: 'nobody', id_token: 'x', nonce: '12345678' }, bearer),
  ),
  step(404, 'unlink what is not there', remove('/auth/identities/nobody', {}, bearer)),
]
