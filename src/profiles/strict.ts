import { z } from 'zod'
import type { User } from '../features/accounts/store.js'
import type { Grant, Profile } from '../features/sessions/grant.js'
import type { Dialect } from './dialect.js'
import { atLeast, atMost, detailRefusals, email, model, must, text } from './fastapi.js'
import { strictSettings } from './settings/strict.js'
import { naive, numeric } from './values.js'

/** The strict service: a token pair in the body, a second secret for refresh tokens, one limit for everything. */
const password = text(
  atLeast(12),
  atMost(128),
  must((value) => /[A-Z]/.test(value), 'Password must contain at least one uppercase letter'),
  must((value) => /[a-z]/.test(value), 'Password must contain at least one lowercase letter'),
  must((value) => /[0-9]/.test(value), 'Password must contain at least one digit'),
  must(
    (value) => /[!@#$%^&*(),.?":{}|<>]/.test(value),
    'Password must contain at least one special character',
  ),
)

const credentials = model({ email: email(), password: text() }, (values) => values)
const registration = model({ email: email(), password }, (values) => values)
const refresh = model({ refresh_token: text(atLeast(1)) }, (values) => values)

const originNotAllowed = [403, 'Origin not allowed'] as const

const tokenPair = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
})

const me = z.object({
  id: z.int(),
  email: z.string(),
  created_at: z.string().describe('UTC, without an offset'),
})

const presentGrant = (grant: Grant) => ({
  body: {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    token_type: 'bearer',
  },
})

const presentMe = (user: Profile) => ({
  body: { id: numeric(user.id), email: user.email, created_at: naive(user.createdAt) },
})

type About = { user: User; issuedAt: number; expiresAt: number }

const claims =
  (type: string) =>
  ({ user, issuedAt, expiresAt }: About) => ({
    sub: user.id,
    email: user.email,
    type,
    iat: issuedAt,
    exp: expiresAt,
    nbf: issuedAt,
  })

const refusals = detailRefusals({
  email_taken: [409, 'Registration failed'],
  invalid_credentials: [401, 'Invalid credentials'],
  account_disabled: [401, 'Invalid credentials'],
  missing_token: [403, 'Not authenticated'],
  invalid_token: [401, 'Invalid token'],
  'invalid_token wrong_scheme': [403, 'Invalid authentication credentials'],
  'invalid_token expired': [401, 'Token expired'],
  'invalid_token unknown_user': [401, 'User not found'],
  'invalid_token wrong_type': [401, 'Authentication failed'],
  session_expired: [401, 'Token expired'],
  session_revoked: [401, 'Invalid token'],
  too_many_requests: [429, 'Rate limit exceeded'],
  body_too_large: [413, 'Request body too large'],
  unsupported_media_type: [415, 'Content-Type must be application/json'],
  origin_not_allowed: originNotAllowed,
  not_found: [405, 'Method Not Allowed'],
})

const health = z.object({ status: z.enum(['healthy', 'unhealthy']) })

const cors = {
  methods: 'GET, POST, PUT, DELETE, OPTIONS',
  headers: 'Authorization, Content-Type',
}

export const strict: Dialect = {
  name: 'strict',
  options: {
    tokens: { algorithm: 'HS256', expires: '15m' },
    sessions: { refreshExpires: '7d' },
    passwords: { policy: 'none' },
    limits: { requests: 10, window: '60s', login: 0, register: 0, refresh: 0 },
    http: { refreshTokenTransport: 'body', maxBodyBytes: 10_240 },
  },
  accounts: { ids: 'integer', emails: 'kept', signsIn: true },
  rotates: true,
  tokens: { type: 'access', claims: claims('access') },
  refreshTokens: { secret: 'of refresh tokens', claims: claims('refresh') },
  wire: {
    encoding: 'json',
    routes: {
      'POST /auth/register': {
        shape: 'Grant',
        status: 201,
        body: registration,
        answer: tokenPair,
        present: presentGrant,
      },
      'POST /auth/login': {
        shape: 'Grant',
        status: 200,
        summary: 'Sign in with an e-mail address and a password',
        body: credentials,
        answer: tokenPair,
        present: presentGrant,
      },
      'POST /auth/refresh': {
        shape: 'Grant',
        status: 200,
        body: refresh,
        answer: tokenPair,
        present: presentGrant,
      },
      'GET /health': {
        shape: 'Report',
        status: 200,
        answer: health,
        present: ({ isUp }) => ({
          body: { status: isUp ? 'healthy' : 'unhealthy' },
          status: isUp ? 200 : 503,
        }),
      },
      'GET /auth/me': { shape: 'User', status: 200, answer: me, present: presentMe },
    },
    refuse: (error, about) => ({
      ...refusals(error, about),
      // any path takes OPTIONS, so none is unknown (RFC 9110 §15.5.6)
      ...(error.code === 'not_found' && { headers: ['allow', 'OPTIONS'] }),
      tellsWhen: error.code !== 'too_many_requests',
    }),
    options: ({ isAllowed, hasList }) => {
      const [status, detail] = originNotAllowed
      const isWelcome = isAllowed || !hasList
      return {
        status: isWelcome ? 200 : status,
        contentType: 'application/json',
        body: JSON.stringify(isWelcome ? { status: 'ok' } : { detail }),
      }
    },
    cors,
    guardsFirst: true,
  },
  settings: strictSettings,
}
