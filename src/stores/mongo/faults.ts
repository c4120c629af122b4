import { AuthError, ConfigurationError } from '../../errors.js'

/** What the errors of driver and server mean: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === 11000

/** The transaction has had no effect and may succeed when it is tried again. */
export const isTransient = (error: unknown): boolean =>
  hasLabel(error, 'TransientTransactionError') || codeOf(error) === 112

/** It may have been committed; asking for the commit again tells. */
export const isUnknownCommit = (error: unknown): boolean =>
  hasLabel(error, 'UnknownTransactionCommitResult')

/** Nobody answers, too late, or not over this connection. */
const lostConnections = new Set([
  ...['MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoServerSelectionError'],
  ...['MongoPoolClearedError', 'PoolClearedOnNetworkError', 'MongoPoolClosedError'],
  ...['MongoWaitQueueTimeoutError', 'MongoTopologyClosedError', 'MongoServerClosedError'],
  ...['MongoNotConnectedError', 'MongoClientClosedError', 'MongoStalePrimaryError'],
  ...['MongoCompatibilityError', 'MongoWriteConcernError', 'MongoUnexpectedServerResponseError'],
])

/**
 * Stepping down, shutting down, no primary, too slow, not enough members, in each other's way, no space, no rights: the
 * server cannot serve now.
 */
const serverFaults = new Set([
  ...[6, 7, 13, 18, 24, 46, 50, 64, 79, 89, 91, 100, 112, 133, 134, 189, 202, 251, 262, 317],
  ...[8000, 9001, 10107, 11600, 11602, 13435, 13436, 14031],
])

export const unavailable = (error: unknown): unknown =>
  isStorageFault(error) ? new AuthError('store_unavailable', { cause: error }) : error

const isStorageFault = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  if (typeof code === 'number' && serverFaults.has(code)) return true
  return lostConnections.has(error.name) || isOfSystem(error)
}

/** For the start of a server: what only its operator can mend is said in a sentence, without anything of the URL. */
export const explained = (error: unknown): unknown => {
  const found = causesOf(error)
  const detail = sentences.find(([matches]) => found.some(matches))?.[1]
  if (detail !== undefined) return new ConfigurationError([{ option: 'store', detail }])
  if (!isStorageFault(error)) return error
  return new AuthError('store_unavailable', { cause: found.find(isOfSystem) ?? error })
}

const hasCode =
  (...codes: readonly (number | string)[]) =>
  (error: unknown): boolean =>
    codes.some((code) => codeOf(error) === code)

const sentences: readonly (readonly [(error: unknown) => boolean, string])[] = [
  [
    hasCode(18, 8000),
    'has a user or a password that MongoDB does not accept. Correct it, or add ?authSource=<database> if the user lives in another database',
  ],
  [
    hasCode(13),
    'names a user who may not read and write this database. Grant them the role readWrite on it',
  ],
  [hasCode('ENOTFOUND', 'ENODATA'), 'names a host that does not exist. Correct its spelling'],
  [
    (error) => isOfTls(error),
    'leads to a server whose certificate is not trusted. Name the CA that signed it: tlsCAFile=<file>; and use the host name that stands in it',
  ],
  [
    (error) => error instanceof Error && /requires at least/.test(error.message),
    'leads to a MongoDB older than 4.4. Upgrade the server',
  ],
]

/** Names of errors that Node raises: `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`. */
const isOfSystem = (error: unknown): boolean =>
  /^E[A-Z]+$/.test(String(codeOf(error))) || isOfTls(error)

const isOfTls = (error: unknown): boolean =>
  /^(ERR_TLS_\w+|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+)$/.test(String(codeOf(error)))

/** The error, its causes, and what the driver learned from each server. */
const causesOf = (error: unknown, depth = 0): unknown[] => {
  if (!(error instanceof Error) || depth > 5) return []
  const reason = 'reason' in error ? error.reason : undefined
  const servers =
    typeof reason === 'object' && reason !== null && 'servers' in reason ? reason.servers : []
  const heard = servers instanceof Map ? [...servers.values()].map((server) => server.error) : []
  return [error, ...[error.cause, ...heard].flatMap((cause) => causesOf(cause, depth + 1))]
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

const hasLabel = (error: unknown, label: string): boolean =>
  error instanceof Error &&
  'hasErrorLabel' in error &&
  typeof error.hasErrorLabel === 'function' &&
  error.hasErrorLabel(label) === true
