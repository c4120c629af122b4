import { z } from 'zod'
import type { Onward } from '../features/oauth/redirects.js'
import type { Identity } from '../features/oauth/store.js'
import type { Grant, Profile } from '../features/sessions/grant.js'
import type { Session } from '../features/sessions/store.js'
import type { Dialect } from './dialect.js'
import type { Presenters, SetCookie, Transport } from './presenters.js'

/** The native dialect: snake_case, RFC 3339 instants, the words of OAuth 2. */
const instant = z.iso.datetime()

const userSchema = z.object({
  id: z.string(),
  email: z.string().nullable(),
  username: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email_verified: z.boolean(),
  is_active: z.boolean(),
  roles: z.array(z.string()),
  created_at: instant,
  updated_at: instant,
  last_login_at: instant.nullable(),
})

const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  created_at: instant,
  last_used_at: instant,
  expires_at: instant,
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
  method: z.string().describe('How the user signed in, as in the claim amr (RFC 8176)'),
})

const identitySchema = z.object({
  id: z.string(),
  provider: z.string(),
  email: z.string().nullable().describe('As the provider last said; it identifies nobody'),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  picture: z.string().nullable(),
  created_at: instant,
  last_used_at: instant,
})

/** The shapes of successful answers, as OpenAPI shows them. */
export const shapeSchemas = {
  Grant: z.object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds until the access token expires'),
    refresh_token: z.string().optional().describe('Absent where it travels as a cookie'),
    refresh_expires_in: z.int().describe('Seconds until the refresh token expires'),
    user: userSchema.optional(),
  }),
  User: userSchema,
  Sessions: z.object({
    sessions: z.array(sessionSchema),
    next: z.string().nullable().describe('`after` of the next page, null on the last one'),
  }),
  Providers: z.object({
    providers: z.array(
      z.object({
        name: z.string(),
        title: z.string().describe('For a button'),
        start: z.string().describe('Send a browser there'),
        accepts: z.array(z.enum(['code', 'id_token', 'access_token'])),
      }),
    ),
  }),
  Identities: z.object({ identities: z.array(identitySchema) }),
  Identity: identitySchema,
  Departure: z.object({ location: z.string().describe('Send the browser there') }),
  Accepted: z.object({ detail: z.string().describe('A sentence for people') }),
}

/** Everything there is, as api.md has it. */
export const native: Dialect = {
  name: 'native',
  options: {},
  accounts: { ids: 'uuid', emails: 'folded', signsIn: true },
  rotates: true,
  settings: { names: {}, defaults: {} },
}

export const presenters: Presenters = {
  Grant: (grant, transport) => ({
    body: presentGrant(grant, transport),
    cookies: cookiesOf(grant, transport),
  }),
  User: (user) => ({ body: presentUser(user) }),
  Sessions: ({ sessions, currentId, next }) => ({
    body: { sessions: sessions.map((session) => presentSession(session, currentId)), next },
  }),
  Empty: ({ signedOut }) => ({
    body: undefined,
    signedOut,
    ...(signedOut && { cookies: [{ name: 'refresh_token', value: '', maxAgeSeconds: 0 }] }),
  }),
  Accepted: () => ({ body: accepted }),
  About: (about) => ({ body: about }),
  Report: ({ isUp, members }) => ({
    body: { status: isUp ? 'healthy' : 'unhealthy', ...members },
    status: isUp ? 200 : 503,
  }),
  Claims: (claims) => ({ body: claims }),
  Providers: (providers) => ({
    body: {
      providers: providers.map(({ name, title, accepts }) => ({
        ...{ name, title, start: `/auth/oauth/${name}`, accepts },
      })),
    },
  }),
  Identities: (identities) => ({ body: { identities: identities.map(presentIdentity) } }),
  Identity: (identity) => ({ body: presentIdentity(identity) }),
  Onward: ({ location, browser, grant }) => ({
    body: undefined,
    location,
    cookies: [
      ...(browser ? [browserCookie(browser)] : []),
      ...(grant ? cookiesOf(grant, 'cookie') : []),
    ],
  }),
  Departure: ({ location, browser }) => ({
    body: { location },
    cookies: browser ? [browserCookie(browser)] : [],
  }),
  Raw: (raw) => ({ raw }),
}

const accepted: z.infer<typeof shapeSchemas.Accepted> = {
  detail: 'The request was received. The answer is the same whether there is an account or not.',
}

const halfAYear = 15_552_000

/** Whatever way the refresh token travels, the device is known by a cookie: programs that keep none are simply not known. */
const cookiesOf = (grant: Grant, transport: Transport): SetCookie[] => {
  const cookies: SetCookie[] = []
  if (transport === 'cookie') {
    const { refreshToken: value, refreshExpiresInSeconds: maxAgeSeconds } = grant
    cookies.push({ name: 'refresh_token', value, maxAgeSeconds })
  }
  if (grant.device !== undefined)
    cookies.push({ name: 'known_device', value: grant.device, maxAgeSeconds: halfAYear })
  return cookies
}

const browserCookie = ({ value, lastsSeconds }: NonNullable<Onward['browser']>): SetCookie => ({
  name: 'oauth_browser',
  value,
  maxAgeSeconds: lastsSeconds,
})

const presentIdentity = (identity: Identity): z.infer<typeof identitySchema> => ({
  id: identity.id,
  provider: identity.provider,
  email: identity.email,
  first_name: identity.firstName,
  last_name: identity.lastName,
  picture: identity.picture,
  created_at: identity.createdAt.toISOString(),
  last_used_at: identity.lastUsedAt.toISOString(),
})

const presentGrant = (grant: Grant, transport: Transport): z.infer<typeof shapeSchemas.Grant> => ({
  access_token: grant.accessToken,
  token_type: 'Bearer',
  expires_in: grant.expiresInSeconds,
  ...(transport === 'body' && { refresh_token: grant.refreshToken }),
  refresh_expires_in: grant.refreshExpiresInSeconds,
  ...(grant.user && { user: presentUser(grant.user) }),
})

const presentUser = (user: Profile): z.infer<typeof userSchema> => ({
  id: user.id,
  email: user.email,
  username: user.username,
  first_name: user.firstName,
  last_name: user.lastName,
  email_verified: user.emailVerified,
  is_active: user.isActive,
  roles: [...user.roles],
  created_at: user.createdAt.toISOString(),
  updated_at: user.updatedAt.toISOString(),
  last_login_at: user.lastLoginAt?.toISOString() ?? null,
})

const presentSession = (session: Session, currentId: string): z.infer<typeof sessionSchema> => ({
  id: session.id,
  current: session.id === currentId,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  ip: session.address,
  user_agent: session.userAgent,
  method: session.method,
})
