import { chunked, type WireRequest } from './wire.js'

/**
 * What every host is asked, in this order: each request may use what an earlier answer gave. `{access}`, `{refresh}`,
 * `{cookie}` and `{session}` stand for what was kept.
 */
export type Step = {
  name: string
  request: WireRequest
  status: number
  /** Members of the answer to keep, by the name they are used under. */
  keep?: Readonly<Record<string, string>>
  /** Not a path of latchkey: a host with routes of its own answers itself. */
  foreign?: true
}

type Headers = readonly (readonly [string, string])[]

const json = ['Content-Type', 'application/json'] as const
const bearer = ['Authorization', 'Bearer {access}'] as const
const browser = ['Sec-Fetch-Site', 'same-origin'] as const
const ownCookie = ['Cookie', 'theme=dark; refresh_token={cookie}'] as const
const ada = { email: 'ada@example.com', password: 'a long and winding road' }
const bob = { email: 'bob@example.com', password: 'penny lane is in my ears', username: 'bob' }

const get = (path: string, ...headers: Headers): WireRequest => ({ method: 'GET', path, headers })
const sendJson =
  (method: string) =>
  (path: string, value: unknown, ...headers: Headers): WireRequest => ({
    method,
    path,
    headers: [json, ...headers],
    body: JSON.stringify(value),
  })
const post = sendJson('POST')
const patch = sendJson('PATCH')
const remove = sendJson('DELETE')
const raw = (method: string, path: string, body: string | undefined, ...headers: Headers) => ({
  method,
  path,
  headers,
  body,
})
const login = (body: string | undefined, ...headers: Headers) =>
  raw('POST', '/auth/login', body, ...headers)
const adaText = JSON.stringify(ada)
const tooLarge = JSON.stringify({ ...ada, padding: 'x'.repeat(20_000) })

const step = (
  status: number,
  name: string,
  request: WireRequest,
  more: Pick<Step, 'keep' | 'foreign'> = {},
): Step => ({ status, name, request, ...more })
const foreign = (name: string, request: WireRequest): Step =>
  step(404, name, request, { foreign: true })

const tokens = { access: 'access_token', refresh: 'refresh_token' }

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
  step(200, 'own devices', get('/auth/sessions', bearer, ['User-Agent', 'wire']), {
    keep: { session: 'sessions.0.id' },
  }),
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

const heads: readonly Step[] = [
  step(200, 'head of the root', raw('HEAD', '/', undefined)),
  step(200, 'head of the keys', raw('HEAD', '/.well-known/jwks.json', undefined)),
  step(401, 'head of me', raw('HEAD', '/auth/me', undefined)),
  step(405, 'head of login', raw('HEAD', '/auth/login', undefined)),
]

const badBodies: readonly Step[] = [
  step(422, 'no body at all', login(undefined)),
  step(422, 'no body, but a content type', login(undefined, json)),
  step(422, 'an empty body', login('', json)),
  step(422, 'an empty chunked body', login(chunked(), json, ['Transfer-Encoding', 'chunked'])),
  step(
    401,
    'a chunked body',
    login(chunked(adaText.slice(0, 9), adaText.slice(9)), json, ['Transfer-Encoding', 'chunked']),
  ),
  step(415, 'no content type', login(adaText)),
  step(415, 'a form', login('email=a', ['Content-Type', 'application/x-www-form-urlencoded'])),
  step(415, 'plain text', login(adaText, ['Content-Type', 'text/plain'])),
  step(415, 'a type that is none', login(adaText, ['Content-Type', ';;'])),
  step(415, 'an empty type', login(adaText, ['Content-Type', ''])),
  step(415, 'a type twice', login(adaText, json, json)),
  step(
    415,
    'another charset',
    login(adaText, ['Content-Type', 'application/json; charset=utf-16']),
  ),
  step(
    401,
    'the usual charset',
    login(adaText, ['Content-Type', 'application/json; charset=UTF-8']),
  ),
  step(415, 'a compressed body', login(adaText, json, ['Content-Encoding', 'gzip'])),
  step(400, 'half of the JSON', login(adaText.slice(0, 20), json)),
  step(400, 'no JSON', login('email=a', json)),
  step(400, 'a member twice', login('{"email":"a","email":"b","password":"c"}', json)),
  step(422, 'a list', login('[]', json)),
  step(422, 'null', login('null', json)),
  step(422, 'wrong types', login('{"email":1,"password":{}}', json)),
  step(422, 'unknown members', login('{"email":"a","password":"b","admin":true}', json)),
  step(413, 'too large', login(tooLarge, json)),
  step(
    413,
    'too large and chunked',
    login(chunked(tooLarge), json, ['Transfer-Encoding', 'chunked']),
  ),
  step(401, 'a large body where nobody reads one', remove('/auth/me', { padding: tooLarge })),
  step(401, 'a body with GET', raw('GET', '/auth/me', adaText, json)),
]

const badTokens: readonly Step[] = [
  step(401, 'no token', get('/auth/me')),
  step(401, 'an empty bearer', get('/auth/me', ['Authorization', 'Bearer'])),
  step(401, 'basic instead of bearer', get('/auth/me', ['Authorization', 'Basic YTpi'])),
  step(401, 'a space in the token', get('/auth/me', ['Authorization', 'Bearer a b'])),
  step(401, 'nonsense', get('/auth/me', ['Authorization', 'Bearer a.b.c'])),
  step(401, 'a token twice', get('/auth/me', bearer, bearer)),
  step(401, 'a refresh token that is none', post('/auth/refresh', { refresh_token: 'x.y' })),
  step(401, 'no refresh token', raw('POST', '/auth/refresh', undefined)),
  step(401, 'sessions without a token', get('/auth/sessions')),
  step(401, 'an ending without a token', raw('DELETE', '/auth/sessions/1', undefined)),
]

const oddPaths: readonly Step[] = [
  step(401, 'me by its whole address', get('http://localhost/auth/me')),
  step(405, 'another method', get('/auth/login')),
  step(405, 'put', raw('PUT', '/auth/me', adaText, json)),
  step(404, 'a session id with a slash', raw('DELETE', '/auth/sessions/a/b', undefined)),
  step(404, 'a session id that is empty', raw('DELETE', '/auth/sessions/', undefined)),
  step(404, 'a session id with an encoded slash', raw('DELETE', '/auth/sessions/a%2Fb', undefined)),
  foreign('an unknown path', get('/auth/nothing')),
  foreign('the old version', get('/v0/auth/me')),
  foreign('a trailing slash', login2('/auth/login/')),
  foreign('a doubled slash', login2('//auth/login')),
  foreign('upper case', login2('/AUTH/LOGIN')),
  foreign('an encoded letter', login2('/%61uth/login')),
  foreign('a path parameter', login2('/auth/login;x')),
  foreign('the whole address', get('http://localhost/nothing')),
  foreign('an encoded slash', login2('/auth%2Flogin')),
]

function login2(path: string): WireRequest {
  return post(path, ada)
}

export const steps: readonly Step[] = [
  ...goodFlow,
  ...browserFlow,
  ...heads,
  ...badBodies,
  ...badTokens,
  ...oddPaths,
]
