import { z } from 'zod'
import type { Dialect } from './dialect.js'
import { atLeast, detailRefusals, email, model, text } from './fastapi.js'
import { cookieSettings } from './settings/cookie.js'

/** The cookie service: a refresh token that lies in a cookie until the browser ends, and is never replaced. */
const registration = model(
  { email: text(), password: text(atLeast(1)), first_name: text(), last_name: text() },
  (values) => values,
)
const credentials = model({ email: email(), password: text(atLeast(1)) }, (values) => values)

const ended = [401, 'Invalid or expired session'] as const
const refused = [401, 'Invalid credentials'] as const

export const cookie: Dialect = {
  name: 'cookie',
  options: {
    tokens: { algorithm: 'HS256', expires: '15m' },
    sessions: { refreshExpires: '14d' },
    passwords: { policy: 'none' },
    limits: { login: 60, register: 60 },
    http: { refreshTokenTransport: 'cookie' },
  },
  accounts: { ids: 'uuid', emails: 'any', signsIn: false },
  rotates: false,
  logout: 'lenient',
  tokens: {
    type: 'access',
    claims: ({ user, issuedAt, expiresAt }) => ({
      sub: user.id,
      iat: issuedAt,
      exp: expiresAt,
      type: 'access',
    }),
  },
  wire: {
    encoding: 'lenient',
    cookie: { path: '/auth', sameSite: 'strict', secure: 'always', lasts: false },
    routes: {
      'POST /auth/register': {
        shape: 'User',
        status: 200,
        body: registration,
        answer: z.object({ status: z.literal('user created') }),
        present: () => ({ body: { status: 'user created' } }),
      },
      'POST /auth/login': {
        shape: 'Grant',
        status: 200,
        body: credentials,
        answer: z.object({
          access_token: z.string(),
          first_name: z.string(),
          last_name: z.string(),
          status: z.literal('logged in'),
        }),
        present: ({ accessToken, refreshToken, refreshExpiresInSeconds, user }) => ({
          body: {
            access_token: accessToken,
            first_name: user?.firstName ?? '',
            last_name: user?.lastName ?? '',
            status: 'logged in',
          },
          cookies: [
            { name: 'refresh_token', value: refreshToken, maxAgeSeconds: refreshExpiresInSeconds },
          ],
        }),
      },
      'POST /auth/refresh': {
        shape: 'Grant',
        status: 200,
        summary: 'Trade the refresh cookie for a new access token',
        answer: z.object({ access_token: z.string(), token_type: z.literal('bearer') }),
        present: ({ accessToken, refreshToken, refreshExpiresInSeconds, isTraded }) => ({
          body: { access_token: accessToken, token_type: 'bearer' },
          ...(isTraded && {
            cookies: [
              {
                name: 'refresh_token',
                value: refreshToken,
                maxAgeSeconds: refreshExpiresInSeconds,
              },
            ],
          }),
        }),
      },
      'POST /auth/logout': {
        shape: 'Empty',
        status: 200,
        summary: 'Sign out here',
        answer: z.object({ status: z.literal('logged out') }),
        present: ({ signedOut }) => ({
          body: { status: 'logged out' },
          signedOut,
          cookies: [{ name: 'refresh_token', value: '', maxAgeSeconds: 0 }],
        }),
      },
    },
    refuse: detailRefusals({
      email_taken: [409, 'User already exists'],
      invalid_credentials: refused,
      account_disabled: refused,
      missing_token: [401, 'Not authenticated'],
      'invalid_token wrong_scheme': [401, 'Not authenticated'],
      'invalid_token expired': [401, 'Access token expired'],
      invalid_token: [401, 'Invalid access token'],
      'POST /auth/refresh missing_token': [401, 'Missing refresh token'],
      'POST /auth/refresh invalid_token': ended,
      'POST /auth/logout invalid_token': ended,
      session_expired: ended,
      session_revoked: ended,
    }),
  },
  settings: cookieSettings,
}
