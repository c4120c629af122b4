import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { User } from '../features/accounts/store.js'
import type { Grant, Profile } from '../features/sessions/grant.js'
import type { Dialect } from './dialect.js'
import { atLeast, detailRefusals, email, model, must, text } from './fastapi.js'
import { flatSettings } from './settings/flat.js'
import { naive } from './values.js'

/** The flat service: users of MongoDB, both tokens in the body, signed with one secret. */
const password = text(
  must((value) => [...value].length >= 8, 'Password must be at least 8 characters long'),
  must((value) => /[A-Z]/.test(value), 'Password must contain at least one uppercase letter'),
  must((value) => /[a-z]/.test(value), 'Password must contain at least one lowercase letter'),
  must((value) => /\p{Nd}/u.test(value), 'Password must contain at least one number'),
  must(
    (value) => /[@$!%*?&]/.test(value),
    'Password must contain at least one special character (@$!%*?&)',
  ),
)

const registration = model({ email: email(), password }, (values) => values)
const credentials = model({ email: email(), password: text() }, (values) => values)
const refresh = model({ refresh_token: text(atLeast(1)) }, (values) => values)
const logout = model({ refresh_token: text() }, (values) => values)

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })
const signedIn = tokens.extend({ user_id: z.string().describe('24 hex digits') })
const me = z.object({
  id: z.string(),
  email: z.string(),
  created_at: z.string().describe('UTC, without an offset'),
})
const said = z.object({ message: z.string() })

const presentTokens = (grant: Grant) => ({
  body: { access_token: grant.accessToken, refresh_token: grant.refreshToken },
})

const presentSignedIn = (grant: Grant) => ({
  body: { user_id: grant.user?.id, ...presentTokens(grant).body },
})

const presentMe = (user: Profile) => ({
  body: { id: user.id, email: user.email, created_at: naive(user.createdAt) },
})

const say = (message: string) => () => ({ body: { message } })

type About = { user: User; expiresAt: number }

/** One secret signs both kinds: the type alone tells them apart. */
const claims =
  (type: 'access' | 'refresh') =>
  ({ user, expiresAt }: About) => ({ sub: user.id, type, exp: expiresAt })

const accessClaims = claims('access')

export const flat: Dialect = {
  name: 'flat',
  options: {
    tokens: { algorithm: 'HS256', expires: '15m' },
    // a spent refresh token was refused at once there
    sessions: { refreshExpires: '7d', grace: '0s' },
    passwords: { policy: 'none' },
    limits: { login: 60, register: 60 },
    http: { refreshTokenTransport: 'body' },
  },
  accounts: { ids: 'objectid', emails: 'folded', signsIn: true },
  rotates: true,
  logout: 'lenient',
  tokens: { type: 'access', claims: (about) => ({ ...accessClaims(about), jti: randomUUID() }) },
  refreshTokens: { secret: 'of access tokens', type: 'refresh', claims: claims('refresh') },
  wire: {
    encoding: 'lenient',
    routes: {
      'GET /': { shape: 'About', status: 200, answer: said, present: say('Hello World') },
      'POST /auth/register': {
        shape: 'Grant',
        status: 200,
        body: registration,
        answer: signedIn,
        present: presentSignedIn,
      },
      'POST /auth/login': {
        shape: 'Grant',
        status: 200,
        summary: 'Sign in with an e-mail address and a password',
        body: credentials,
        answer: signedIn,
        present: presentSignedIn,
      },
      'POST /auth/refresh': {
        shape: 'Grant',
        status: 200,
        body: refresh,
        answer: tokens,
        present: presentTokens,
      },
      'POST /auth/logout': {
        shape: 'Empty',
        status: 200,
        body: logout,
        answer: said,
        present: say('user logged out successfully'),
      },
      'GET /auth/me': { shape: 'User', status: 200, answer: me, present: presentMe },
    },
    refuse: detailRefusals({
      email_taken: [409, 'email already registered'],
      invalid_credentials: [401, 'Invalid email or password'],
      account_disabled: [401, 'Invalid email or password'],
      missing_token: [401, 'Not authenticated'],
      invalid_token: [401, 'invalid or expired token'],
      'invalid_token wrong_scheme': [401, 'Not authenticated'],
      'invalid_token wrong_type': [401, 'invalid token type'],
      session_expired: [401, 'invalid or expired token'],
      session_revoked: [401, 'invalid or expired token'],
    }),
  },
  settings: flatSettings,
}
