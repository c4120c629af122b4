import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { decodeBase64Url, equalBytes } from '../../lib/bytes.js'
import { deriveKey } from '../../lib/derive-key.js'
import { formatUuid, parseUuid } from '../../lib/id.js'
import type { User } from '../accounts/store.js'
import type { Session } from './store.js'

/**
 * Refresh tokens: `lkr_<key id>.<session id>.<generation>.<check and signature>`. The signature is an HMAC-SHA-256 under
 * a key that is not in the database, over these and a nonce that is only in the database: neither alone makes a token.
 * The check is an HMAC without the nonce, so that guesses are refused before the database is asked.
 */
export type RefreshClaim = {
  keyId: string
  sessionId: string
  generation: number
  /** What the signature is over, together with the nonce. */
  head: string
  signature: Buffer
}

type SigningKey = { id: string; check: KeyObject; sign: KeyObject }

const pattern = /^lkr_([\w-]{4})\.([\w-]{22})\.(0|[1-9a-z][0-9a-z]{0,6})\.([\w-]{54})$/
const checkBytes = 8

export type RefreshTokens = {
  /** The token of this session at this generation. */
  make(session: Session, generation: number, user: User): string
  /** What the token claims, or undefined when it was certainly not made here. Asks no store. */
  read(token: string): RefreshClaim | undefined
  /** Whether the token was made for this very session: only its row holds the nonce. */
  belongsTo(claim: RefreshClaim, session: Session): boolean
  /** Whether it was made here for something else. */
  isOfOtherType?(token: string): boolean
}

/** @param secrets the first makes tokens; all of them are accepted, so that a secret can be replaced */
export const createRefreshTokens = (secrets: readonly [string, ...string[]]) => {
  const keys = secrets.map(keyOf)
  const [current] = keys
  if (current === undefined) throw new Error('Refresh tokens need a secret')

  const make = (session: Session, generation: number): string => {
    const head = `${current.id}.${shortId(session.id)}.${generation.toString(36)}`
    const tail = Buffer.concat([checkOf(current, head), signatureOf(current, head, session.nonce)])
    return `lkr_${head}.${tail.toString('base64url')}`
  }

  const read = (token: string): RefreshClaim | undefined => {
    const [, keyId = '', sessionId = '', generation = '', tail = ''] = pattern.exec(token) ?? []
    const key = keys.find(({ id }) => id === keyId)
    const bytes = decodeBase64Url(tail)
    const id = decodeBase64Url(sessionId)
    if (key === undefined || bytes === undefined || id === undefined) return undefined
    const head = `${keyId}.${sessionId}.${generation}`
    if (!equalBytes(bytes.subarray(0, checkBytes), checkOf(key, head))) return undefined
    return {
      keyId,
      sessionId: formatUuid(id),
      generation: Number.parseInt(generation, 36),
      head,
      signature: bytes.subarray(checkBytes),
    }
  }

  const belongsTo = (claim: RefreshClaim, session: Session): boolean => {
    const key = keys.find(({ id }) => id === claim.keyId)
    if (key === undefined || session.id !== claim.sessionId) return false
    return equalBytes(claim.signature, signatureOf(key, claim.head, session.nonce))
  }

  return { make, read, belongsTo }
}

const keyOf = (secret: string): SigningKey => {
  const sign = deriveKey(secret, 'refresh token')
  return {
    id: createHash('sha256').update(sign).digest('base64url').slice(0, 4),
    check: createSecretKey(deriveKey(secret, 'refresh token check')),
    sign: createSecretKey(sign),
  }
}

const checkOf = (key: SigningKey, head: string): Buffer =>
  createHmac('sha256', key.check).update(head).digest().subarray(0, checkBytes)

const signatureOf = (key: SigningKey, head: string, nonce: string): Buffer =>
  createHmac('sha256', key.sign).update(`${head}.${nonce}`).digest()

const shortId = (id: string): string => {
  const bytes = parseUuid(id)
  if (bytes === undefined) throw new Error('A session id is not a UUID')
  return bytes.toString('base64url')
}
