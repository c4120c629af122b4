import { createHash, createSecretKey } from 'node:crypto'
import { decodeBase64Url } from '../../lib/bytes.js'
import { addSeconds, type Clock, epochSeconds } from '../../lib/clock.js'
import { formatUuid } from '../../lib/id.js'
import { toleranceSeconds } from '../tokens/claims.js'
import { readCompactToken } from '../tokens/compact-token.js'
import { foreignTokenType } from '../tokens/token-format.js'
import { readSigned } from './refresh-token-format.js'
import type { LegacyTokenStore, Session } from './store.js'

/**
 * Refresh tokens of the service of before, until a date: what they look like, whose they are, and the rows in which it is
 * kept that one was traded. What does not look like one is refused before any store is asked.
 */
export type LegacySettings = {
  /** The contract of that service, for the trail. */
  profile: string
  /** From then on they are worth nothing. */
  until: Date
  /** opaque: 32 random bytes that only their store knows. signed: a JWT of the type refresh under `secret`. */
  form: { kind: 'opaque' } | { kind: 'signed'; secret: string }
  /** Where they are kept; only signed ones may do without. */
  store: LegacyTokenStore | undefined
}

type Deps = { settings: LegacySettings; clock: Clock }

/** Somebody's token, not yet traded as far as is known here. */
export type FoundToken = { userId: string; expiresAt: Date }

/** Tokens of before lasted 30 days at most. */
const rememberedSeconds = 400 * 86_400

export const createLegacyTokens = ({ settings, clock }: Deps) => {
  const { profile, until, form, store } = settings
  const read = form.kind === 'opaque' ? readOpaque : signedReader(form.secret, clock)
  const isOver = (): boolean => clock() >= until

  return {
    profile,
    isOver,
    /** The id of the row that says what became of this token; undefined for what is none, and after the date. */
    spentId: (token: string): string | undefined =>
      isOver() || read(token) === undefined ? undefined : idOf('refresh token', token),
    /** Asks its store where there is one. @throws AuthError `store_unavailable` */
    find: async (token: string): Promise<FoundToken | undefined> => {
      const said = read(token)
      if (said === undefined) return undefined
      const about = {
        now: clock(),
        ...(said.userId !== undefined && { claimedUserId: said.userId }),
      }
      const kept = store === undefined ? said : await store.find(token, about)
      const expiresAt = said.expiresAt ?? kept?.expiresAt
      if (kept?.userId === undefined || expiresAt === undefined) return undefined
      return { userId: kept.userId, expiresAt }
    },
    /** The row that says what became of a token: an ended session, whose nonce names the session it was traded for. */
    spent: (id: string, { expiresAt }: FoundToken, session: Session): Session => ({
      ...session,
      id,
      nonce: session.id.replaceAll('-', ''),
      expiresAt,
      revokedAt: session.createdAt,
      method: 'legacy',
    }),
    /** The id of the session that a token was traded for. */
    sessionIdOf: ({ nonce }: Session): string => formatUuid(Buffer.from(nonce, 'hex')),
    endedId,
    /** The row that says that all tokens of a user have ended, those nobody has seen here among them. */
    ended: (userId: string, now: Date): Session => ({
      id: endedId(userId),
      userId,
      nonce: '',
      generation: 0,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(Math.max(until.getTime(), addSeconds(now, rememberedSeconds).getTime())),
      revokedAt: now,
      address: null,
      userAgent: null,
      method: 'legacy',
    }),
  }
}
export type LegacyTokens = ReturnType<typeof createLegacyTokens>

/**
 * The same in every process and under every secret, so that nothing is traded twice after a secret was replaced. It need not
 * be secret itself: an id opens nothing, and whoever could make one of a token holds the token.
 */
const idOf = (what: string, text: string): string =>
  formatUuid(
    createHash('sha256').update(`latchkey legacy ${what}\0${text}`).digest().subarray(0, 16),
  )

const endedId = (userId: string): string => idOf('user', userId)

type Said = { userId: string; expiresAt: Date } | { userId?: undefined; expiresAt?: undefined }

/** As Python's secrets.token_urlsafe(32) writes them. */
const readOpaque = (token: string): Said | undefined =>
  token.length === 43 && decodeBase64Url(token)?.length === 32 ? {} : undefined

const signedReader = (secret: string, clock: Clock) => {
  const key = createSecretKey(Buffer.from(secret))
  return (token: string): Said | undefined => {
    // those with a key id were made here, and are read where ours are read
    if (readCompactToken(token, foreignTokenType)?.keyId !== undefined) return undefined
    const claims = readSigned(token, key)
    if (claims?.type !== 'refresh') return undefined
    const { sub, exp, nbf = 0 } = claims
    if (typeof sub !== 'string' || sub === '' || sub.length > 255) return undefined
    if (!Number.isSafeInteger(exp) || !(Number(nbf) <= epochSeconds(clock()) + toleranceSeconds))
      return undefined
    const expiresAt = new Date(Number(exp) * 1000)
    return Number.isNaN(expiresAt.getTime()) ? undefined : { userId: sub, expiresAt }
  }
}
