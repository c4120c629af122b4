import { bearer, get, type Headers, post, raw, type Step, step } from './step.js'
import type { WireRequest } from './wire.js'

/** What services ask, each with the secret that only it and the server have. */
export const client = { id: 'billing', secret: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa' }

const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
const asClient = ['Authorization', basic] as const
const ofForm = ['Content-Type', 'application/x-www-form-urlencoded'] as const
const form = (path: string, body: string, ...headers: Headers): WireRequest =>
  raw('POST', path, body, ofForm, ...headers)
const inForm = `client_id=${client.id}&client_secret=${client.secret}`

/** Goes with an account that is signed in, and signs it out. */
export const oauth: readonly Step[] = [
  step(200, 'ask about an access token', form('/oauth/introspect', 'token={access}', asClient)),
  step(
    200,
    'ask about a refresh token, with the client in the form',
    form('/v1/oauth/introspect', `token={refresh}&token_type_hint=access_token&${inForm}`),
  ),
  step(200, 'ask about no token', form('/oauth/introspect', 'token=nothing+at%20all', asClient)),
  step(401, 'ask as nobody', form('/oauth/introspect', 'token={access}')),
  step(401, 'ask as a user', form('/oauth/introspect', 'token={access}', bearer)),
  step(
    400,
    'a client in two ways',
    form('/oauth/introspect', `token={access}&${inForm}`, asClient),
  ),
  step(400, 'a form without a token', form('/oauth/introspect', 'hint=none', asClient)),
  step(400, 'a form parameter twice', form('/oauth/revoke', 'token=a&token=b', asClient)),
  step(415, 'JSON for a form', post('/oauth/introspect', { token: 'a' }, asClient)),
  step(415, 'a form for JSON', form('/auth/login', 'email=a&password=b')),
  step(405, 'ask in an address', get('/oauth/introspect?token={access}', asClient)),
  step(200, 'revoke no token', form('/oauth/revoke', 'token=nothing', asClient)),
  step(200, 'revoke an access token', form('/oauth/revoke', 'token={access}', asClient)),
  step(200, 'revoke it again', form('/oauth/revoke', 'token={access}', asClient)),
  step(401, 'me after it was revoked', get('/auth/me', bearer)),
  step(200, 'ask about it after that', form('/oauth/introspect', 'token={access}', asClient)),
]
