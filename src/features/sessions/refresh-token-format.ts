import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { equalBytes } from '../../lib/bytes.js'
import { epochSeconds } from '../../lib/clock.js'
import type { User } from '../accounts/store.js'
import { readCompactToken } from '../tokens/compact-token.js'
import { signToken } from '../tokens/sign-token.js'
import { foreignTokenType, ownKeyId } from '../tokens/token-format.js'
import type { RefreshTokens } from './refresh-tokens.js'
import type { Session } from './store.js'

/** Refresh tokens in the form of another service: a JWT around ours, which stands in its claim `jti`. */
export type RefreshTokenFormat = {
  /** What else it says. Instants in seconds since 1970. */
  claims(about: { user: User; issuedAt: number; expiresAt: number }): JWTPayload
  /** Their claim `type`, where other tokens are signed with the same secret. */
  type?: string
  /** Which secret signs them. */
  secret: 'of access tokens' | 'of refresh tokens'
}

type Secrets = Readonly<Record<RefreshTokenFormat['secret'], string | undefined>>

/** Refresh tokens as they are, or in another form; those of the form of before are read, too. */
export const inRefreshTokenFormat = (
  inner: RefreshTokens,
  { spoken, before }: Record<'spoken' | 'before', RefreshTokenFormat | undefined>,
  secrets: Secrets,
): RefreshTokens => {
  const wrapped = (format: RefreshTokenFormat | undefined): RefreshTokens | undefined => {
    const secret = format && secrets[format.secret]
    return format && secret ? wrapRefreshTokens(inner, { format, secret }) : undefined
  }
  const [own, other] = [wrapped(spoken) ?? inner, wrapped(before)]
  return other ? { ...own, read: (token) => own.read(token) ?? other.read(token) } : own
}

type Wrapping = { format: RefreshTokenFormat; secret: string }

/** Says the same of the same session, so a repeat within the grace is given the same token again. */
const wrapRefreshTokens = (inner: RefreshTokens, { format, secret }: Wrapping): RefreshTokens => {
  const key = createSecretKey(Buffer.from(secret))

  const make = (session: Session, generation: number, user: User): string => {
    const about = {
      user,
      issuedAt: epochSeconds(session.lastUsedAt),
      expiresAt: epochSeconds(session.expiresAt),
    }
    const payload = { ...format.claims(about), jti: inner.make(session, generation, user) }
    return signToken(foreignTokenType, payload, { id: ownKeyId, algorithm: 'HS256', key })
  }

  const read: RefreshTokens['read'] = (token) => {
    const { jti, type } = readSigned(token, key) ?? {}
    const isRight = format.type === undefined || type === format.type
    return isRight && typeof jti === 'string' ? inner.read(jti) : undefined
  }

  const isOfOtherType = (token: string): boolean => {
    const payload = format.type === undefined ? undefined : readSigned(token, key)
    return payload !== undefined && payload.type !== format.type
  }

  return { make, read, belongsTo: inner.belongsTo, isOfOtherType }
}

/** The claims of a token that this key signed, whatever they say; undefined for any other. */
export const readSigned = (token: string, key: KeyObject): JWTPayload | undefined => {
  const parts = readCompactToken(token, foreignTokenType)
  if (parts?.algorithm !== 'HS256') return undefined
  const end = token.lastIndexOf('.')
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest('base64url')
  const isSigned = equalBytes(Buffer.from(token.slice(end + 1)), Buffer.from(expected))
  return isSigned ? { ...parts.payload } : undefined
}
