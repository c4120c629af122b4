/**
 * What a password is hashed for. Each has its own share of the threads, so that none can be held up by many of another:
 * `change` is all that asks the owner of an account for the password once more, `recovery` the way back for who is locked
 * out, `administration` what operators add.
 */
export const hashPurposes = [
  'login',
  'registration',
  'change',
  'recovery',
  'administration',
] as const
export type HashPurpose = (typeof hashPurposes)[number]
