import { AuthError } from '../../errors.js'
import { type EmailAddress, type EmailRule, parseEmailAddress } from '../../lib/email-address.js'

export { canonicalUsername } from '../../lib/username.js'

/** What accounts may be called. */
const usernamePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{1,62}[A-Za-z0-9])$/
const longestName = 100

const refuse = (field: string, code: string, detail: string): AuthError =>
  new AuthError('invalid_body', { fields: [{ field, code, detail }] })

/** @throws AuthError `invalid_body` */
export const requireEmail = (typed: string, rule: EmailRule): EmailAddress => {
  const address = parseEmailAddress(typed, rule)
  if (address === undefined)
    throw refuse('email', 'invalid_email', 'This is not an e-mail address that can be used here.')
  return address
}

/** @throws AuthError `invalid_body` */
export const requireUsername = (username: string): string => {
  if (!usernamePattern.test(username)) {
    throw refuse(
      'username',
      'invalid_username',
      'A username has 3 to 64 letters, digits, dots, dashes or underscores, with a letter or digit at both ends.',
    )
  }
  return username
}

/** @throws AuthError `invalid_body` for an account without address and username: nobody could ever sign in to it */
export const requireSomeIdentity = (
  field: 'email' | 'username',
  email: unknown,
  username: unknown,
): void => {
  if (email || username) return
  throw refuse(field, 'required', 'An account needs an e-mail address or a username.')
}

/** What may stand in the claim `roles`. @throws AuthError `invalid_body` */
export const requireRoles = (roles: readonly string[]): readonly string[] => {
  if (!roles.every((role) => /^[A-Za-z0-9](?:[\w.:-]{0,62}[A-Za-z0-9])?$/.test(role))) {
    throw refuse(
      'roles',
      'invalid_role',
      'A role has 1 to 64 letters, digits, dots, colons, dashes or underscores, with a letter or digit at both ends.',
    )
  }
  return [...new Set(roles)]
}

/** A person's name in any script, on one line. @throws AuthError `invalid_body` */
export const requireName = (name: string | null | undefined, field: string): string | null => {
  if (name === null || name === undefined || name === '') return null
  if (
    [...name].length > longestName ||
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name)
  ) {
    throw refuse(
      field,
      'invalid_name',
      `A name has at most ${longestName} characters and stands on one line.`,
    )
  }
  return name.normalize('NFC')
}
