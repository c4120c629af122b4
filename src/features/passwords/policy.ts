import type { FieldError } from '../../errors.js'
import { isCommonPassword } from './common-passwords.js'

/** Password policies: named sets of rules for new passwords. Old passwords are never measured by them. */
export const policies = {
  default: { least: 12, classes: [] },
  /** NIST SP 800-63B-4 §3.1.1.2: fifteen characters where the password is the only factor. */
  nist: { least: 15, classes: [] },
  'classic-12': { least: 12, classes: ['uppercase', 'lowercase', 'digit', 'special'] },
  'classic-8': { least: 8, classes: ['uppercase', 'lowercase', 'digit', 'special'] },
  /** Whatever can be kept faithfully: for dialects, which ask for what they ask for themselves. */
  none: { least: 1, classes: [] },
} as const satisfies Record<string, Policy>

type Policy = { least: number; classes: readonly CharacterClass[] }
type CharacterClass = keyof typeof classPatterns
export type PolicyName = keyof typeof policies

export const mostCodePoints = 256
const mostBytes = 1024
export const mostBytesForBcrypt = 72
const leastIdentityLength = 3

const classPatterns = {
  uppercase: /\p{Lu}/u,
  lowercase: /\p{Ll}/u,
  digit: /\p{Nd}/u,
  special: /[^\p{L}\p{N}\s]/u,
}

const classSentences: Readonly<Record<CharacterClass, string>> = {
  uppercase: 'The password needs at least one upper-case letter.',
  lowercase: 'The password needs at least one lower-case letter.',
  digit: 'The password needs at least one digit.',
  special: 'The password needs at least one special character.',
}

export type PolicyInput = {
  password: string
  policy: PolicyName
  algorithm: 'argon2id' | 'bcrypt'
  /** Words the password must not contain: parts of the address, names, the name of the service. */
  identity: readonly (string | null | undefined)[]
}

/** What is wrong with a new password, as the first reason that applies; undefined when it is fine. */
export const passwordFault = (input: PolicyInput): Omit<FieldError, 'field'> | undefined =>
  textFault(input) ?? lengthFault(input) ?? classFault(input) ?? guessFault(input)

/** Passwords that cannot be told apart from others once they pass through C strings or encoders. */
const textFault = ({ password }: PolicyInput): Omit<FieldError, 'field'> | undefined =>
  password.includes('\0') || /\p{Cs}/u.test(password)
    ? {
        code: 'password_unusable',
        detail: 'The password contains a character that cannot be kept faithfully.',
      }
    : undefined

const lengthFault = ({
  password,
  policy,
  algorithm,
}: PolicyInput): Omit<FieldError, 'field'> | undefined => {
  const { least } = policies[policy]
  const length = [...password].length
  const bytes = Buffer.byteLength(password)
  if (length < least) {
    return {
      code: 'password_too_short',
      detail: `The password needs at least ${least} characters.`,
    }
  }
  if (length > mostCodePoints || bytes > mostBytes) {
    return {
      code: 'password_too_long',
      detail: `The password may have at most ${mostCodePoints} characters.`,
    }
  }
  // bcrypt would silently ignore the rest
  if (algorithm === 'bcrypt' && bytes > mostBytesForBcrypt) {
    return {
      code: 'password_too_long',
      detail: `The password may have at most ${mostBytesForBcrypt} bytes here.`,
    }
  }
  return undefined
}

const classFault = ({ password, policy }: PolicyInput): Omit<FieldError, 'field'> | undefined => {
  const missing = policies[policy].classes.find((name) => !classPatterns[name].test(password))
  return missing && { code: `password_missing_${missing}`, detail: classSentences[missing] }
}

const guessFault = ({
  password,
  policy,
  identity,
}: PolicyInput): Omit<FieldError, 'field'> | undefined => {
  if (policy === 'none') return undefined
  const lower = password.toLowerCase()
  const contained = identity.some(
    (word) => word && word.length >= leastIdentityLength && lower.includes(word.toLowerCase()),
  )
  if (contained) {
    return {
      code: 'password_contains_identity',
      detail: 'The password must not contain your name, your address or the name of this service.',
    }
  }
  return isCommonPassword(lower)
    ? {
        code: 'password_common',
        detail: 'The password is among the first that others try. Choose another.',
      }
    : undefined
}
