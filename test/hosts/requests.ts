import { badRequests } from './bad-requests.js'
import { oauth } from './oauth.js'
import { queries } from './queries.js'
import { social } from './social.js'
import { ada, bearer, get, post, raw, remove, type Step, sendJson, step } from './step.js'

const browser = ['Sec-Fetch-Site', 'same-origin'] as const
const ownCookie = ['Cookie', 'theme=dark; refresh_token={cookie}'] as const
const bob = { email: 'bob@example.com', password: 'penny lane is in my ears', username: 'bob' }
const tokens = { access: 'access_token', refresh: 'refresh_token' }
const patch = sendJson('PATCH')

const goodFlow: readonly Step[] = [
  step(200, 'name and links', get('/')),
  step(200, 'health', get('/health')),
  step(200, 'live', get('/health/live')),
  step(200, 'ready', get('/health/ready?verbose=1')),
  step(200, 'public keys', get('/.well-known/jwks.json')),
  step(201, 'register', post('/auth/register', bob), { keep: tokens }),
  step(409, 'register again', post('/auth/register', bob)),
  step(422, 'register with a short password', post('/auth/register', { ...bob, password: 'x' })),
  step(200, 'log in by address', post('/auth/login', ada), { keep: tokens }),
  step(200, 'log in by username', post('/auth/login', { username: 'Bob', password: bob.password })),
  step(401, 'log in with a wrong password', post('/auth/login', { ...ada, password: 'wrong' })),
  step(200, 'me', get('/auth/me', bearer)),
  step(200, 'me under /v1', get('/v1/auth/me', bearer)),
  step(200, 'a scheme in lower case', get('/auth/me', ['authorization', 'bearer {access}'])),
  step(200, 'change names', patch('/auth/me', { first_name: 'Ada', username: 'ada' }, bearer)),
  step(200, 'own devices', get('/auth/sessions', bearer, ['User-Agent', 'wire'])),
  step(200, 'refresh by body', post('/auth/refresh', { refresh_token: '{refresh}' }), {
    keep: tokens,
  }),
  step(
    200,
    'change the password',
    post(
      '/auth/password/change',
      { current_password: ada.password, new_password: 'here comes the sun again' },
      bearer,
    ),
    { keep: tokens },
  ),
  step(
    403,
    'change it with the wrong one',
    post('/auth/password/change', { current_password: 'no', new_password: 'x' }, bearer),
  ),
  step(404, 'end a session that is not there', remove('/auth/sessions/nobody', {}, bearer)),
  step(204, 'log out by body', post('/auth/logout', { refresh_token: '{refresh}' })),
  step(204, 'log out again', post('/auth/logout', { refresh_token: '{refresh}' })),
  step(401, 'me after that', get('/auth/me', bearer)),
]

const newPassword = { email: ada.email, password: 'here comes the sun again' }

const browserFlow: readonly Step[] = [
  step(200, 'log in from a page', post('/auth/login', newPassword, browser), {
    keep: { access: 'access_token' },
  }),
  step(
    200,
    'refresh by cookie, without a body',
    raw('POST', '/auth/refresh', undefined, browser, ownCookie),
    { keep: { access: 'access_token' } },
  ),
  step(
    200,
    'refresh by cookie, with an empty body',
    raw('POST', '/auth/refresh', '', browser, ownCookie),
    { keep: { access: 'access_token' } },
  ),
  step(
    200,
    'refresh by the second cookie header',
    raw(
      'POST',
      '/auth/refresh',
      '',
      browser,
      ['Cookie', 'theme=dark'],
      ['Cookie', 'refresh_token={cookie}'],
    ),
  ),
  step(
    401,
    'two refresh cookies',
    raw('POST', '/auth/refresh', '', browser, ['Cookie', 'refresh_token=a; refresh_token=b']),
  ),
  step(
    401,
    'two refresh cookies in two headers',
    raw(
      'POST',
      '/auth/refresh',
      '',
      browser,
      ['Cookie', 'refresh_token=a'],
      ['Cookie', 'refresh_token=b'],
    ),
  ),
  step(
    200,
    'a login that two planted cookies do not keep away',
    post('/auth/login', newPassword, browser, ['Cookie', 'refresh_token=a; refresh_token=b']),
    { keep: { access: 'access_token' } },
  ),
  step(
    403,
    'a cookie with nothing that says where from',
    raw('POST', '/auth/refresh', undefined, ownCookie),
  ),
  step(
    403,
    'a cookie from another site',
    raw('POST', '/auth/refresh', '', ['Sec-Fetch-Site', 'cross-site'], ownCookie),
  ),
  step(
    403,
    'login from an origin nobody listed',
    post('/auth/login', newPassword, ['Origin', 'https://evil.example']),
  ),
  step(
    401,
    'an origin twice',
    raw('POST', '/auth/refresh', '', ['Origin', 'http://localhost:8000']),
  ),
  step(
    200,
    'login from a listed origin',
    post('/auth/login', newPassword, ['Origin', 'https://app.example.com']),
  ),
  step(
    204,
    'preflight from a listed origin',
    raw(
      'OPTIONS',
      '/auth/login',
      undefined,
      ['Origin', 'https://app.example.com'],
      ['Access-Control-Request-Method', 'POST'],
    ),
  ),
  step(
    204,
    'preflight from another origin',
    raw(
      'OPTIONS',
      '/auth/login',
      undefined,
      ['Origin', 'https://evil.example'],
      ['Access-Control-Request-Method', 'POST'],
    ),
  ),
  step(204, 'options', raw('OPTIONS', '/auth/me', undefined)),
  step(
    204,
    'log out by cookie',
    raw('POST', '/auth/logout', undefined, browser, ownCookie, bearer),
  ),
]

const lists: readonly Step[] = [
  step(200, 'log in to see a list', post('/auth/login', newPassword), { keep: tokens }),
  // the clock stands still, so that of several the order would be left to chance
  step(204, 'with one device in it', post('/auth/logout', { scope: 'others' }, bearer)),
  ...queries,
]

const farewells: readonly Step[] = [
  step(200, 'log in to be asked about', post('/auth/login', newPassword), { keep: tokens }),
  ...oauth,
  step(200, 'log in once more', post('/auth/login', newPassword), { keep: tokens }),
  step(204, 'end this device', raw('DELETE', '/auth/sessions/{session}', undefined, bearer)),
  step(401, 'refresh after that', post('/auth/refresh', { refresh_token: '{refresh}' })),
  step(
    200,
    'log in as the other',
    post('/auth/login', { username: 'bob', password: bob.password }),
    {
      keep: tokens,
    },
  ),
  step(403, 'leave with a wrong password', remove('/auth/me', { password: 'no' }, bearer)),
  step(204, 'leave', remove('/auth/me', { password: bob.password }, bearer)),
  step(401, 'log in after that', post('/auth/login', { username: 'bob', password: bob.password })),
]

const heads: readonly Step[] = [
  step(200, 'head of the root', raw('HEAD', '/', undefined)),
  step(200, 'head of the keys', raw('HEAD', '/.well-known/jwks.json', undefined)),
  step(401, 'head of me', raw('HEAD', '/auth/me', undefined)),
  step(405, 'head of login', raw('HEAD', '/auth/login', undefined)),
]

/** What every host is asked, in this order: first what people do, then what nobody should. */
export const steps: readonly Step[] = [
  ...goodFlow,
  ...browserFlow,
  ...lists,
  step(200, 'log in to link', post('/auth/login', newPassword), { keep: tokens }),
  ...social,
  step(204, 'and out again', post('/auth/logout', {}, bearer)),
  ...farewells,
  ...heads,
  ...badRequests,
]
