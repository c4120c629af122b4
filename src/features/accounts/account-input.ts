import { AuthError, type FieldError } from '../../errors.js'
import type { EmailAddress, EmailRule } from '../../lib/email-address.js'
import type { Passwords } from '../passwords/passwords.js'
import {
  canonicalUsername,
  requireEmail,
  requireName,
  requireSomeIdentity,
  requireUsername,
} from './identity.js'
import type { ProfileChange, User } from './store.js'

/** What people send about themselves, read field by field; one refusal names every field that is wrong. */
export type NewAccount = {
  email?: string | null | undefined
  username?: string | null | undefined
  password: string
  firstName?: string | null | undefined
  lastName?: string | null | undefined
}

export type ProfileEdit = Partial<Pick<NewAccount, 'username' | 'firstName' | 'lastName'>>

type Words = (string | null | undefined)[]

/** @throws AuthError `invalid_body` */
export const readNewAccount = (
  input: NewAccount,
  { passwords, emails }: { passwords: Pick<Passwords, 'requireAcceptable'>; emails: EmailRule },
) => {
  const { check, refuse } = createFaults()
  const email = check(() => optional(input.email, (typed) => requireEmail(typed, emails)))
  const username = check(() => optional(input.username, requireUsername))
  const firstName = check(() => requireName(input.firstName, 'first_name')) ?? null
  const lastName = check(() => requireName(input.lastName, 'last_name')) ?? null
  check(() =>
    passwords.requireAcceptable(
      input.password,
      identityWords(email, username, firstName, lastName),
    ),
  )
  check(() => requireSomeIdentity('email', input.email, input.username))
  refuse()
  return { email, username, firstName, lastName }
}

/** @throws AuthError `invalid_body` */
export const readEdit = (edit: ProfileEdit): ProfileChange => {
  const { check, refuse } = createFaults()
  const change: ProfileChange = {}
  if (edit.username !== undefined) {
    change.username = check(() => optional(edit.username, requireUsername)) ?? null
    change.canonicalUsername = change.username && canonicalUsername(change.username)
  }
  if (edit.firstName !== undefined) {
    change.firstName = check(() => requireName(edit.firstName, 'first_name')) ?? null
  }
  if (edit.lastName !== undefined) {
    change.lastName = check(() => requireName(edit.lastName, 'last_name')) ?? null
  }
  refuse()
  return change
}

/** Words of the owner that their password must not contain. */
export const wordsOf = (user: User): Words => [
  user.canonicalEmail?.split('@')[0],
  user.username,
  user.firstName,
  user.lastName,
]

const identityWords = (email: EmailAddress | undefined, ...names: Words): Words => [
  email?.canonical.split('@')[0],
  ...names,
]

const optional = <Result>(
  value: string | null | undefined,
  read: (value: string) => Result,
): Result | undefined => (value === null || value === undefined ? undefined : read(value))

/** Gathers what is wrong with several fields. */
const createFaults = () => {
  const fields: FieldError[] = []

  return {
    /** The result of the check, or undefined when it refused its field. */
    check: <Result>(run: () => Result): Result | undefined => {
      try {
        return run()
      } catch (error) {
        if (!(error instanceof AuthError) || error.code !== 'invalid_body') throw error
        fields.push(
          ...error.fields.filter(({ field }) => fields.every((known) => known.field !== field)),
        )
        return undefined
      }
    },
    refuse: (): void => {
      if (fields.length > 0) throw new AuthError('invalid_body', { fields })
    },
  }
}
