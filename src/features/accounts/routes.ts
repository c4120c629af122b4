import { z } from 'zod'
import { type Route, route } from '../../http/route.js'
import { profileOf } from '../sessions/grant.js'
import type { Accounts } from './accounts.js'

const text = z.string().max(1024)

const profileBody = z
  .strictObject({
    username: text.nullish(),
    first_name: text.nullish(),
    last_name: text.nullish(),
  })
  .meta({ examples: [{ first_name: 'Grace', last_name: 'Hopper' }] })
const passwordBody = z
  .strictObject({ current_password: text.optional(), new_password: text })
  .meta({
    examples: [
      { current_password: 'correct horse battery', new_password: 'a long and winding road' },
    ],
  })
const removalBody = z
  .strictObject({ password: text.optional() })
  .meta({ examples: [{ password: 'correct horse battery' }] })

export const accountRoutes = (accounts: Accounts): Route[] => [
  route({
    method: 'GET',
    path: '/auth/me',
    summary: 'Read your profile',
    tag: 'Account',
    access: 'bearer',
    answers: { 200: 'User', 401: ['missing_token', 'invalid_token'] },
    handle: async ({ signedIn: { user } }) => profileOf(user),
  }),
  route({
    method: 'PATCH',
    path: '/auth/me',
    summary: 'Change your names',
    description: 'Only the members that are sent are changed; null removes a name.',
    tag: 'Account',
    access: 'bearer',
    body: profileBody,
    answers: {
      200: 'User',
      401: ['missing_token', 'invalid_token'],
      403: 'registration_closed',
      409: 'username_taken',
    },
    handle: ({ signedIn: { user }, body, caller }) =>
      accounts.updateProfile(
        user,
        { username: body.username, firstName: body.first_name, lastName: body.last_name },
        caller,
      ),
  }),
  route({
    method: 'DELETE',
    path: '/auth/me',
    summary: 'Delete your account',
    description:
      'Asks for the password. An account that has none has to have signed in within the last 10 minutes.',
    tag: 'Account',
    access: 'bearer',
    body: removalBody,
    answers: {
      204: 'Empty',
      401: ['missing_token', 'invalid_token'],
      403: ['wrong_password', 'reauthentication_required', 'registration_closed'],
      429: 'too_many_attempts',
      503: 'overloaded',
    },
    handle: async ({ signedIn: { user, session }, body, caller }) => {
      const proof = { password: body.password, sessionId: session.id }
      await accounts.remove(user, proof, caller)
      return { signedOut: true }
    },
  }),
  route({
    method: 'POST',
    path: '/auth/password/change',
    summary: 'Change your password',
    description:
      'All other sessions end. This one goes on with the tokens of the answer. An account that has no password yet sends no current one; it has to have signed in within the last 10 minutes.',
    tag: 'Account',
    access: 'bearer',
    body: passwordBody,
    answers: {
      200: 'Grant',
      401: ['missing_token', 'invalid_token', 'session_revoked'],
      403: ['wrong_password', 'reauthentication_required', 'registration_closed'],
      429: 'too_many_attempts',
      503: 'overloaded',
    },
    handle: ({ signedIn: { user, session }, body, caller }) =>
      accounts.changePassword(
        { user, sessionId: session.id },
        { current: body.current_password, next: body.new_password },
        caller,
      ),
  }),
]
