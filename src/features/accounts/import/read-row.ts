import { AuthError } from '../../../errors.js'
import { type EmailAddress, type EmailRule, parseEmailAddress } from '../../../lib/email-address.js'
import { canonicalUsername, requireName, requireRoles } from '../identity.js'
import type { User } from '../store.js'
import type { ImportField, Mapping } from './fields.js'
import { providerIn, type ReadIdentity, readIdentities } from './read-identities.js'
import { type PasswordRules, type ReadPassword, readPassword } from './read-password.js'
import { BrokenValue, instantOf, isPlain, rolesOf, textOf, truthOf } from './values.js'

/** Why a row does not come in; a stable word for reports. */
export type Refusal = { reason: string; id: string | undefined }

/** An account that is ready but for its id, where it had none, and its hash, where it must be made. */
export type ReadRow = {
  user: User
  /** Whether the other place gave it its id. */
  hasId: boolean
  /** Its logins at providers. */
  identities: readonly ReadIdentity[]
  /** It came from a provider, and nothing says as whom. */
  isUnlinked: boolean
  password: ReadPassword
}

export type RowRules = PasswordRules & {
  mapping: Mapping
  emails: EmailRule
  now: Date
}

/** A row of another place as an account. Nothing of it is in a refusal but its id. */
export const readRow = (
  values: Readonly<Record<string, unknown>>,
  rules: RowRules,
): ReadRow | Refusal => {
  const { mapping } = rules
  const of = (field: ImportField): unknown => {
    const column = mapping[field]
    return column !== undefined && Object.hasOwn(values, column) ? values[column] : undefined
  }
  let id: string | undefined
  try {
    id = attempt('invalid_id', () => idOf(of('id')))
    const [email, username] = attempt('no_identity', () => identityOf(of, rules))
    const names = namesOf(of)
    const createdAt = attempt('invalid_time', () => instantOf(of('created_at'))) ?? rules.now
    const password = readPassword(
      attempt('invalid_password', () => textOf(of('password'))),
      attempt('invalid_password', () => textOf(of('salt'))),
      rules,
    )
    if ('reason' in password) return { reason: password.reason, id }
    const provider = attempt('invalid_provider', () => providerIn(of('provider')))
    const identities = attempt('invalid_identities', () => identitiesOf(of))
    const isUnlinked = provider !== undefined && identities.length === 0
    const user: User = {
      id: id ?? '',
      email: email?.typed ?? null,
      canonicalEmail: email?.canonical ?? null,
      username: username ?? null,
      canonicalUsername: username === undefined ? null : canonicalUsername(username),
      ...names,
      emailVerified:
        attempt('invalid_email_verified', () => truthOf(of('email_verified'))) ?? false,
      isActive: isActive(of),
      roles: attempt('invalid_roles', () => requireRoles(rolesOf(of('roles')))),
      passwordHash: password.hash,
      createdAt,
      updatedAt: attempt('invalid_time', () => instantOf(of('updated_at'))) ?? createdAt,
      lastLoginAt: attempt('invalid_time', () => instantOf(of('last_login_at'))) ?? null,
    }
    return { user, hasId: id !== undefined, identities, isUnlinked, password }
  } catch (error) {
    if (error instanceof Refused) return { reason: error.reason, id }
    throw error
  }
}

type Of = (field: ImportField) => unknown

class Refused extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

const attempt = <Result>(reason: string, read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    if (error instanceof BrokenValue || error instanceof AuthError) throw new Refused(reason)
    throw error
  }
}

const longestId = 64

const idOf = (value: unknown): string | undefined => {
  const id = textOf(value)
  if (id === undefined) return undefined
  if (id.length > longestId || !isPlain(id) || id !== id.trim()) throw new BrokenValue()
  return id
}

const identitiesOf = (of: Of): ReadIdentity[] =>
  readIdentities({
    provider: of('provider'),
    subject: of('subject'),
    list: of('identities'),
  })

const identityOf = (
  of: Of,
  { emails }: RowRules,
): [EmailAddress | undefined, string | undefined] => {
  const typed = attempt('invalid_email', () => textOf(of('email')))
  const email = typed === undefined ? undefined : parseEmailAddress(typed.trim(), emails)
  if (typed !== undefined && email === undefined) throw new Refused('invalid_email')
  const name = attempt('invalid_username', () => textOf(of('username')))
  const username =
    name === undefined ? undefined : attempt('invalid_username', () => usernameOf(name))
  if (email === undefined && username === undefined) throw new BrokenValue()
  return [email, username]
}

/** Names that were good elsewhere are good here, unless they could be taken for an address or for another name. */
const usernameOf = (name: string): string => {
  const plain = requireName(name, 'username')
  if (plain === null || plain !== name || name !== name.trim() || parseEmailAddress(name))
    throw new BrokenValue()
  return name
}

/** Where one stands in the way of two, all of it is the first: how a name divides only its owner knows. */
const namesOf = (of: Of): Pick<User, 'firstName' | 'lastName'> => {
  const nameIn = (field: 'first_name' | 'last_name' | 'name') =>
    attempt('invalid_name', () => requireName(textOf(of(field)), field))
  const [firstName, lastName] = [nameIn('first_name'), nameIn('last_name')]
  return { firstName: firstName ?? (lastName === null ? nameIn('name') : null), lastName }
}

const isActive = (of: Of): boolean => {
  const active = attempt('invalid_is_active', () => truthOf(of('is_active')))
  const disabled = attempt('invalid_disabled', () => truthOf(of('disabled')))
  return (active ?? true) && !(disabled ?? false)
}
