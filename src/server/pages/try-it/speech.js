import { dialect, sentences } from './dialect.js'

/** What refusals say that come back in the address. */
export { sentences }

/** What this server speaks, read from what it says about itself. */
export const isNative = dialect.name === 'native'

export const dialectName = dialect.name

/** The cookie of the refresh token, where the dialect has one of its own. */
export const cookieName = dialect.cookie

/** Whether there is `POST /auth/logout`; or `POST /auth/logout#scope`, which asks for a field of its body, too. */
export const has = (wanted) => {
  const [operation, field] = wanted.split('#')
  return operation in dialect.operations && (!field || fieldsOf(operation).includes(field))
}

/** The names of what an operation is sent; none where it takes no body. */
export const fieldsOf = (operation) => dialect.operations[operation]?.fields ?? []

export const isRequired = (operation, field) =>
  dialect.operations[operation]?.required?.includes(field) ?? false

/** Whether an address has to name a parameter. */
export const needsParameter = (operation, name) =>
  dialect.operations[operation]?.parameters?.includes(name) ?? false

/** Dialects want the access token for more than the native API does. */
export const takesAccessToken = (operation) =>
  !isNative && (dialect.operations[operation]?.access.includes('bearer') ?? false)
