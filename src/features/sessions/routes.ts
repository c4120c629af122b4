import { z } from 'zod'
import { AuthError } from '../../errors.js'
import { type Input, type Route, route } from '../../http/route.js'
import { parseUuid } from '../../lib/id.js'
import { endSessionOf, type LogoutRule } from './logout.js'
import type { Sessions } from './sessions.js'
import type { SignOut } from './sign-out.js'

const refreshToken = z.string().max(2048).optional()
const refreshBody = z.strictObject({ refresh_token: refreshToken }).meta({ examples: [{}] })
const logoutBody = z
  .strictObject({
    refresh_token: refreshToken,
    scope: z.enum(['this', 'others', 'all']).default('this'),
  })
  .meta({ examples: [{ scope: 'this' }] })

const mostListed = 100
const isLimit = (text: string): boolean => /^[1-9]\d{0,2}$/.test(text) && Number(text) <= mostListed
const pageQuery = z.strictObject({
  limit: z
    .string()
    .refine(isLimit, { error: `This must be a whole number from 1 to ${mostListed}.` })
    .transform(Number)
    .pipe(z.int().min(1).max(mostListed))
    .default(50)
    .describe('How many at most'),
  after: z
    .string()
    .refine((text) => parseUuid(text) !== undefined, { error: 'This must be an id.' })
    .optional()
    .describe('`next` of the page before'),
})

/** The token of the cookie or of the body. @throws AuthError `malformed_request` when they differ */
const tokenOf = ({
  body,
  cookieToken,
}: Pick<Input<{ refresh_token?: string | undefined }>, 'body' | 'cookieToken'>) => {
  const sent = body.refresh_token
  if (sent !== undefined && cookieToken !== undefined && sent !== cookieToken) {
    throw new AuthError('malformed_request')
  }
  return sent ?? cookieToken
}

type Rooms = { sessions: Sessions; signOut: SignOut }

export const sessionRoutes = (
  rooms: Rooms,
  { logout }: { logout?: LogoutRule | undefined } = {},
): Route[] => [
  route({
    method: 'POST',
    path: '/auth/refresh',
    summary: 'Trade a refresh token for new tokens',
    description:
      'The token is sent as a cookie or in the body. It works once; the answer holds its successor. A repeat within the grace is given the same successor, a later one ends the session.',
    tag: 'Signing in',
    access: 'refresh token',
    limit: { name: 'refresh' },
    body: refreshBody,
    bodyOptional: true,
    answers: {
      200: 'Grant',
      400: 'malformed_request',
      401: ['missing_token', 'invalid_token', 'session_expired', 'session_revoked'],
    },
    handle: async (input) => {
      const token = tokenOf(input)
      if (token === undefined) throw new AuthError('missing_token')
      return rooms.sessions.refresh(token, input.caller)
    },
  }),
  logoutRoute(rooms, logout),
  route({
    method: 'GET',
    path: '/auth/sessions',
    summary: 'List your signed-in devices',
    description:
      'Newest first, a page at a time. While there are more, `next` is the `after` of the following page.',
    tag: 'Sessions',
    access: 'bearer',
    query: pageQuery,
    answers: { 200: 'Sessions', 401: ['missing_token', 'invalid_token'] },
    handle: async ({ signedIn: { user, session }, query: { limit, after } }) => {
      // one more than asked for tells whether there is a next page
      const found = await rooms.sessions.list(user.id, { limit: limit + 1, afterId: after })
      const page = found.slice(0, limit)
      const next = found.length > limit ? (page.at(-1)?.id ?? null) : null
      return { sessions: page, currentId: session.id, next }
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/sessions/{id}',
    summary: 'End one of your sessions',
    tag: 'Sessions',
    access: 'bearer',
    answers: { 204: 'Empty', 401: ['missing_token', 'invalid_token'], 404: 'session_not_found' },
    handle: async ({ signedIn: { user, session }, params: { id = '' }, caller }) => {
      await rooms.sessions.end(user.id, id, caller)
      return { signedOut: id === session.id }
    },
  }),
]

const logoutRoute = ({ sessions, signOut }: Rooms, rule: LogoutRule | undefined): Route => {
  if (rule === 'lenient') return lenientLogout(sessions)
  return rule === 'signed in' ? signedInLogout(sessions) : nativeLogout(signOut)
}

const leaving = { method: 'POST', path: '/auth/logout', tag: 'Signing in' } as const

const nativeLogout = (signOut: SignOut): Route =>
  route({
    ...leaving,
    summary: 'Sign out here, elsewhere or everywhere',
    description:
      'Takes the refresh token (cookie or body) or the access token. Also answers 204 when the session has ended already; but to end others it must stand.',
    access: 'refresh token or bearer',
    body: logoutBody,
    bodyOptional: true,
    answers: {
      204: 'Empty',
      400: 'malformed_request',
      401: ['missing_token', 'invalid_token', 'session_revoked'],
    },
    handle: async (input) => {
      const { scope } = input.body
      await signOut(
        { refreshToken: tokenOf(input), accessToken: input.bearerToken },
        scope,
        input.caller,
      )
      return { signedOut: scope !== 'others' }
    },
  })

const lenientLogout = (sessions: Sessions): Route =>
  route({
    ...leaving,
    summary: 'End the session of a refresh token, if there is one',
    access: 'public',
    cookie: 'refresh token',
    body: z.object({ refresh_token: z.string().optional() }),
    bodyOptional: true,
    answers: { 204: 'Empty' },
    handle: async ({ body, cookieToken, caller }) => {
      await endSessionOf(sessions, { token: body.refresh_token ?? cookieToken }, caller)
      return { signedOut: true }
    },
  })

const signedInLogout = (sessions: Sessions): Route =>
  route({
    ...leaving,
    summary: 'End the session of the refresh cookie',
    access: 'bearer',
    cookie: 'refresh token',
    answers: { 204: 'Empty', 401: ['missing_token', 'invalid_token'] },
    handle: async ({ signedIn, cookieToken, caller }) => {
      await endSessionOf(sessions, { token: cookieToken, ofUser: signedIn.user.id }, caller)
      return { signedOut: true }
    },
  })
