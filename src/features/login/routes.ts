import { z } from 'zod'
import { type Input, type Route, route } from '../../http/route.js'
import type { NewAccount } from '../accounts/account-input.js'
import type { Accounts } from '../accounts/accounts.js'
import { profileOf } from '../sessions/grant.js'
import type { Credentials, Login } from './login.js'
import type { Register } from './register.js'

// what no password, address or name can reach; the rules of each say the rest
const text = z.string().max(1024)
const optionalText = text.nullish()

const registration = z
  .strictObject({
    email: text,
    password: text,
    username: optionalText,
    first_name: optionalText,
    last_name: optionalText,
  })
  .meta({ examples: [{ email: 'grace@example.com', password: 'correct horse battery' }] })

const credentials = z
  .strictObject({ email: text.optional(), username: text.optional(), password: text })
  .meta({ examples: [{ email: 'grace@example.com', password: 'correct horse battery' }] })
  .transform(({ email, username, password }, context): Credentials => {
    if (email !== undefined && username === undefined) return { email, password }
    if (username !== undefined && email === undefined) return { username, password }
    const [path, code, message] =
      email === undefined
        ? ['email', 'required', 'An e-mail address or a username is required.']
        : ['username', 'unexpected', 'Send the e-mail address or the username, not both.']
    context.addIssue({ code: 'custom', path: [path], params: { code }, message })
    return z.NEVER
  })

type Registering = Input<z.output<typeof registration>>

const newAccount = (body: Registering['body']): NewAccount => ({
  email: body.email,
  password: body.password,
  username: body.username,
  firstName: body.first_name,
  lastName: body.last_name,
})

type Rooms = { login: Login; register: Register; accounts: Accounts }

type RegistrationSettings = {
  enumeration: 'open' | 'private'
  /** Whether registration lets the new owner in at once. */
  signsIn: boolean
}

export const loginRoutes = (
  { login, register, accounts }: Rooms,
  { enumeration, signsIn }: RegistrationSettings,
): Route[] => [
  enumeration === 'private'
    ? privateRegistration(accounts)
    : signsIn
      ? openRegistration(register)
      : registrationOnly(accounts),
  route({
    method: 'POST',
    path: '/auth/login',
    summary: 'Sign in with an e-mail address or a username, and a password',
    tag: 'Signing in',
    access: 'public',
    limit: { name: 'login' },
    body: credentials,
    answers: {
      200: 'Grant',
      401: 'invalid_credentials',
      403: 'account_disabled',
      429: 'too_many_attempts',
      503: 'overloaded',
    },
    handle: ({ body, caller }) => login(body, caller),
  }),
]

const registrationRoute = {
  method: 'POST',
  path: '/auth/register',
  tag: 'Signing in',
  access: 'public',
  limit: { name: 'register' },
  body: registration,
} as const

const openRegistration = (register: Register): Route =>
  route({
    ...registrationRoute,
    summary: 'Make an account and sign in',
    answers: {
      201: 'Grant',
      403: 'registration_closed',
      409: ['email_taken', 'username_taken'],
      503: 'overloaded',
    },
    handle: ({ body, caller }: Registering) => register(newAccount(body), caller),
  })

const registrationOnly = (accounts: Accounts): Route =>
  route({
    ...registrationRoute,
    summary: 'Make an account',
    answers: {
      201: 'User',
      403: 'registration_closed',
      409: ['email_taken', 'username_taken'],
      503: 'overloaded',
    },
    handle: async ({ body, caller }: Registering) =>
      profileOf(
        await accounts.create(newAccount(body), caller, {
          type: 'account.registered',
          purpose: 'registration',
        }),
      ),
  })

const privateRegistration = (accounts: Accounts): Route =>
  route({
    ...registrationRoute,
    summary: 'Make an account',
    description:
      'The answer is the same whether the address or the username is taken or not. Whoever made an account signs in next.',
    answers: { 202: 'Accepted', 403: 'registration_closed', 503: 'overloaded' },
    handle: async ({ body, caller }: Registering) => {
      await accounts.createQuietly(newAccount(body), caller)
      return undefined
    },
  })
