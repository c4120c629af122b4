import { z } from 'zod'
import type { Grant, Profile } from '../features/sessions/grant.js'
import { systemClock } from '../lib/clock.js'
import type { Dialect, Preflight } from './dialect.js'
import { refuse } from './envelope-refusals.js'
import { enveloped, envelopedRefusal, envelopeSchema } from './enveloped.js'
import { atLeast, email, model, text } from './fastapi.js'
import type { Presented, RawAnswer, SetCookie, ShapeValues } from './presenters.js'
import { envelopeSettings } from './settings/envelope.js'
import { naive, numeric } from './values.js'

/** The envelope service: every answer in one shape, a refresh cookie that rotates. */
const registration = model(
  { email: email(), username: text(atLeast(1)), password: text(atLeast(1)) },
  // a name that several people may have: it is shown, and nobody signs in with it
  ({ username, ...rest }) => ({ ...rest, first_name: username }),
)
const credentials = model({ email: email(), password: text() }, (values) => values)

const instant = z.string().describe('UTC, without an offset')
const shownUser = z.object({
  id: z.int().or(z.string()),
  email: z.string().nullable(),
  username: z.string(),
  is_active: z.boolean(),
  created_at: instant,
})
const profile = shownUser.extend({ updated_at: instant, last_login: instant.nullable() })
const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().describe('Seconds until the access token expires'),
})
const about = z.object({
  version: z.string(),
  status: z.literal('running'),
  docs: z.string().nullable(),
  redoc: z.string().nullable(),
  test_page: z.string().nullable(),
})
const health = z.object({
  status: z.literal('healthy'),
  database: z.literal('connected'),
  timestamp: z.iso.datetime(),
})

const userOf = (user: Profile): z.infer<typeof shownUser> => ({
  id: numeric(user.id),
  email: user.email,
  username: user.firstName ?? user.username ?? '',
  is_active: user.isActive,
  created_at: naive(user.createdAt),
})

const profileOf = (user: Profile): z.infer<typeof profile> => ({
  ...userOf(user),
  updated_at: naive(user.updatedAt),
  last_login: user.lastLoginAt && naive(user.lastLoginAt),
})

const cookieOf = ({ refreshToken, refreshExpiresInSeconds }: Grant): SetCookie => ({
  name: 'refresh_token',
  value: refreshToken,
  maxAgeSeconds: refreshExpiresInSeconds,
})

const success = (message: string, data: unknown): { body: unknown } => ({
  body: enveloped(200, message, data),
})

const presentAbout = ({ links }: ShapeValues['About']): Presented =>
  success('The service is running', {
    version: contractVersion,
    status: 'running',
    docs: links.documentation ?? null,
    redoc: links.documentation === undefined ? null : '/redoc',
    test_page: links.try_it ?? null,
  } satisfies z.infer<typeof about>)

/** That of the contract, which its clients know. */
const contractVersion = '1.0.0'

const presentHealth = ({ isUp }: ShapeValues['Report']): Presented => {
  if (!isUp) return { status: 503, body: unhealthy() }
  const timestamp = systemClock().toISOString()
  return success('The service is healthy', { status: 'healthy', database: 'connected', timestamp })
}

const unhealthy = () =>
  envelopedRefusal({
    status: 503,
    message: 'The service is not healthy',
    code: 'HEALTH_CHECK_FAILED',
    details: { detail: 'The database cannot be reached' },
  })

const presentLogin = (grant: Grant): Presented => ({
  ...success('Signed in', {
    access_token: grant.accessToken,
    token_type: 'bearer',
    user: grant.user && userOf(grant.user),
    expires_in: grant.expiresInSeconds,
  }),
  cookies: [cookieOf(grant)],
})

const presentTokens =
  (message: string) =>
  (grant: Grant): Presented => ({
    ...success(message, {
      access_token: grant.accessToken,
      token_type: 'bearer',
      expires_in: grant.expiresInSeconds,
    } satisfies z.infer<typeof tokens>),
    cookies: [cookieOf(grant)],
  })

const presentRefresh = presentTokens('Token refreshed')
const presentOAuth = presentTokens('Signed in')

const presentLogout = ({ signedOut }: ShapeValues['Empty']): Presented => ({
  ...success('Signed out', null),
  signedOut,
  cookies: [{ name: 'refresh_token', value: '', maxAgeSeconds: 0 }],
})

/** As Starlette's CORSMiddleware answers for listed origins, any method and any header. */
const preflight = ({ origin, wantedMethod, wantedHeaders, isAllowed }: Preflight) => {
  if (origin === undefined || wantedMethod === undefined) return undefined
  if (!isAllowed) return plain(400, 'Disallowed CORS origin')
  if (!corsMethods.includes(wantedMethod)) return plain(400, 'Disallowed CORS method')
  return plain(200, 'OK', {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': corsMethods.join(', '),
    'access-control-max-age': '600',
    ...(wantedHeaders && { 'access-control-allow-headers': wantedHeaders }),
  })
}

const corsMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

const plain = (status: number, body: string, headers = {}): RawAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
  headers,
})

export const envelope: Dialect = {
  name: 'envelope',
  options: {
    tokens: { algorithm: 'HS256', expires: '30m' },
    // a spent refresh token was refused at once there
    sessions: { refreshExpires: '7d', grace: '0s' },
    passwords: { policy: 'none' },
    limits: { login: 60, register: 60 },
    http: { refreshTokenTransport: 'cookie' },
  },
  accounts: { ids: 'integer', emails: 'folded', signsIn: false },
  rotates: true,
  logout: 'signed in',
  tokens: {
    type: 'access',
    claims: ({ user, expiresAt }) => ({
      sub: user.id,
      email: user.email,
      exp: expiresAt,
      type: 'access',
    }),
  },
  wire: {
    encoding: 'lenient',
    cookie: { path: '/', sameSite: 'lax', secure: 'https', lasts: true },
    routes: {
      'GET /': {
        shape: 'About',
        status: 200,
        answer: envelopeSchema(about),
        present: presentAbout,
      },
      'GET /health': {
        shape: 'Report',
        status: 200,
        answer: envelopeSchema(health),
        present: presentHealth,
      },
      'POST /auth/register': {
        shape: 'User',
        status: 200,
        body: registration,
        answer: envelopeSchema(z.object({ email: z.string() })),
        present: ({ email: address }) => ({
          body: enveloped(201, 'The account was made', { email: address }),
        }),
      },
      'POST /auth/login': {
        shape: 'Grant',
        status: 200,
        summary: 'Sign in with an e-mail address and a password',
        body: credentials,
        answer: envelopeSchema(tokens.extend({ user: shownUser })),
        present: presentLogin,
      },
      'POST /auth/refresh': {
        shape: 'Grant',
        status: 200,
        answer: envelopeSchema(tokens),
        present: presentRefresh,
      },
      'POST /auth/logout': {
        shape: 'Empty',
        status: 200,
        answer: envelopeSchema(z.null()),
        present: presentLogout,
      },
      'GET /auth/me': {
        shape: 'User',
        status: 200,
        answer: envelopeSchema(profile),
        present: (user) => success('Your profile', profileOf(user)),
      },
      'POST /auth/oauth/{provider}': {
        shape: 'Grant',
        status: 200,
        summary: 'Sign in with the access token of a provider',
        description:
          'The access token goes in `Authorization: Bearer`. It counts only where the provider confirms that it was issued to this application.',
        answer: envelopeSchema(tokens),
        present: presentOAuth,
      },
      'GET /auth/debug-token': {
        shape: 'Claims',
        status: 200,
        answer: envelopeSchema(z.record(z.string(), z.unknown())),
        present: (claims) => success('What the token says', claims),
      },
    },
    refuse,
    options: preflight,
  },
  settings: envelopeSettings,
}
