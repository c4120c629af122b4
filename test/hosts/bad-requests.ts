import {
  ada,
  bearer,
  foreign,
  get,
  type Headers,
  json,
  post,
  raw,
  remove,
  type Step,
  step,
} from './step.js'
import { chunked, type WireRequest } from './wire.js'

const login = (body: string | undefined, ...headers: Headers) =>
  raw('POST', '/auth/login', body, ...headers)
const adaText = JSON.stringify(ada)
const tooLarge = JSON.stringify({ ...ada, padding: 'x'.repeat(20_000) })
const adaAt = (path: string): WireRequest => post(path, ada)

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
  step(400, 'a type twice', login(adaText, json, json)),
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
  step(400, 'a token twice', get('/auth/me', bearer, bearer)),
  step(401, 'a refresh token that is none', post('/auth/refresh', { refresh_token: 'x.y' })),
  step(401, 'no refresh token', raw('POST', '/auth/refresh', undefined)),
  step(401, 'sessions without a token', get('/auth/sessions')),
  step(401, 'an ending without a token', raw('DELETE', '/auth/sessions/1', undefined)),
]

const oddPaths: readonly Step[] = [
  step(200, 'the root by its whole address', get('http://localhost?x')),
  step(401, 'me by its whole address', get('http://localhost/auth/me')),
  step(405, 'another method', get('/auth/login')),
  step(405, 'a method of other protocols', raw('PROPFIND', '/auth/me', undefined)),
  step(405, 'put', raw('PUT', '/auth/me', adaText, json)),
  step(404, 'a session id with a slash', raw('DELETE', '/auth/sessions/a/b', undefined)),
  step(404, 'a session id that is empty', raw('DELETE', '/auth/sessions/', undefined)),
  step(404, 'a session id with an encoded slash', raw('DELETE', '/auth/sessions/a%2Fb', undefined)),
  foreign('an unknown path', get('/auth/nothing')),
  foreign('the old version', get('/v0/auth/me')),
  foreign('a trailing slash', adaAt('/auth/login/')),
  foreign('a doubled slash', adaAt('//auth/login')),
  foreign('upper case', adaAt('/AUTH/LOGIN')),
  foreign('an encoded letter', adaAt('/%61uth/login')),
  foreign('a path parameter', adaAt('/auth/login;x')),
  foreign('a dot segment', adaAt('/auth/./login')),
  foreign('the whole address', get('http://localhost/nothing')),
  foreign('an encoded slash', adaAt('/auth%2Flogin')),
]

/** What nobody should ask, and somebody always does. */
export const badRequests: readonly Step[] = [...badBodies, ...badTokens, ...oddPaths]
