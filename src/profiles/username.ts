import { z } from 'zod'
import type { User } from '../features/accounts/store.js'
import type { Dialect } from './dialect.js'
import { detailRefusals, model, text } from './fastapi.js'
import { usernameSettings } from './settings/username.js'

/** The username service: one endpoint, which trades a username and a password for an access token. */
const credentials = model({ username: text(), password: text() }, (values) => values)

const refused = [403, 'Invalid username or password'] as const

const nameOf = ({ username, id }: User): string => username ?? id

export const username: Dialect = {
  name: 'username',
  options: {
    tokens: { algorithm: 'HS256', expires: '30m' },
    limits: { login: 60 },
    http: { refreshTokenTransport: 'body' },
  },
  accounts: { ids: 'username', emails: 'folded', signsIn: false },
  rotates: true,
  tokens: {
    subject: 'username',
    claims: ({ user, expiresAt }) => ({
      sub: nameOf(user),
      role: user.roles[0] ?? 'user',
      exp: expiresAt,
    }),
  },
  wire: {
    encoding: 'lenient',
    routes: {
      'POST /auth/login': {
        shape: 'Grant',
        status: 200,
        summary: 'Sign in with a username and a password',
        body: credentials,
        answer: z.object({ access_token: z.string() }),
        present: ({ accessToken }) => ({ body: { access_token: accessToken } }),
      },
    },
    refuse: detailRefusals({
      invalid_credentials: refused,
      account_disabled: refused,
      missing_token: [401, 'Not authenticated'],
      invalid_token: [403, 'Token decode error: Invalid token'],
      'invalid_token wrong_scheme': [401, 'Not authenticated'],
      'invalid_token expired': [403, 'Token decode error: Signature has expired.'],
    }),
  },
  settings: usernameSettings,
}
