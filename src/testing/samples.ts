import type { User } from '../features/accounts/store.js'
import type { ChainedEvent, Recorder } from '../features/events/store.js'
import type { AttemptRow, Tally, Try } from '../features/limits/store.js'
import type { Identity } from '../features/oauth/store.js'
import type { Session } from '../features/sessions/store.js'
import type { SigningKey } from '../features/tokens/store.js'
import { createId } from '../lib/id.js'

/** An instant that only survives where milliseconds do. */
export const instant = new Date('2026-03-04T05:06:07.089Z')
export const later = new Date('2026-03-04T05:06:08.901Z')
export const lastInstant = new Date('9999-12-31T23:59:59.999Z')

/** A user like any other, but for the given part. Without address and name, so that many may stand side by side. */
export const sampleUser = (part: Partial<User> = {}): User => ({
  id: createId(instant),
  email: null,
  canonicalEmail: null,
  username: null,
  canonicalUsername: null,
  firstName: null,
  lastName: null,
  emailVerified: false,
  isActive: true,
  roles: [],
  passwordHash: '$argon2id$first',
  createdAt: instant,
  updatedAt: instant,
  lastLoginAt: null,
  ...part,
})

export const withEmail = (address: string): Partial<User> => ({
  email: address,
  canonicalEmail: address,
})

export const withUsername = (name: string): Partial<User> => ({
  username: name,
  canonicalUsername: name,
})

/** Every field as long as it can be, and in signs outside of the first plane where it may hold them. */
export const longestUser = (): User =>
  sampleUser({
    email: `${'A'.repeat(64)}@${'Ä'.repeat(63)}.${'b'.repeat(61)}.${'c'.repeat(60)}.de`,
    canonicalEmail: `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`,
    username: 'A'.repeat(64),
    canonicalUsername: 'a'.repeat(64),
    firstName: '👩🏽‍🚀é'.repeat(16),
    lastName: '漢字𠮷'.repeat(33),
    emailVerified: true,
    isActive: false,
    roles: ['admin', "o'brien; drop table", 'rôle "zwei"', '👑'],
    passwordHash: `$argon2id$${'+/x'.repeat(80)}`,
    lastLoginAt: lastInstant,
  })

export const sampleSession = (part: Partial<Session> = {}): Session => ({
  id: createId(instant),
  userId: createId(instant),
  nonce: 'bm9uY2U',
  generation: 0,
  createdAt: instant,
  lastUsedAt: instant,
  expiresAt: lastInstant,
  revokedAt: null,
  address: null,
  userAgent: null,
  method: 'pwd',
  ...part,
})

export const longestSession = (): Session =>
  sampleSession({
    nonce: '_-'.repeat(16),
    generation: 2_000_000_000,
    lastUsedAt: later,
    revokedAt: later,
    address: '2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255',
    userAgent: `Mozilla/5.0 'quoted' "twice" ${'é🦊'.repeat(100)}`,
    method: 'm'.repeat(32),
  })

export const sampleIdentity = (part: Partial<Identity> = {}): Identity => ({
  id: createId(instant),
  userId: createId(instant),
  provider: 'google',
  subject: '1',
  email: null,
  firstName: null,
  lastName: null,
  picture: null,
  sealedTokens: null,
  createdAt: instant,
  lastUsedAt: instant,
  ...part,
})

export const longestIdentity = (): Identity =>
  sampleIdentity({
    userId: 'u'.repeat(64),
    provider: 'p'.repeat(32),
    subject: `${'é'.repeat(253)}🦊`,
    email: `${'ü'.repeat(250)}@b.c`,
    firstName: '👩🏽‍🚀é'.repeat(16),
    lastName: '漢字𠮷'.repeat(33),
    picture: `https://example.com/${'%F0%9F%A6%8A'.repeat(500)}`,
    sealedTokens: `v1.${'x_-'.repeat(20_000)}`,
    createdAt: lastInstant,
    lastUsedAt: lastInstant,
  })

export const sampleKey = (sequence: number, part: Partial<SigningKey> = {}): SigningKey => ({
  id: createId(instant),
  sequence,
  algorithm: 'ES256',
  publicJwk: '{"kty":"EC","x":"ünïcode 🔑"}',
  sealedPrivateKey: `v1.${'x_-'.repeat(1000)}`,
  createdAt: instant,
  activatesAt: later,
  ...part,
})

export const sampleEvent = (part: Partial<ChainedEvent> = {}): ChainedEvent => ({
  id: createId(instant),
  type: 'login.succeeded',
  at: instant,
  outcome: 'success',
  actorId: null,
  subjectId: null,
  sessionId: null,
  address: null,
  userAgent: null,
  requestId: null,
  details: {},
  chain: '00112233445566ff.0',
  number: 1,
  mac: '0123456789abcdef0123456789abcdef',
  ...part,
})

/** A try that counts one more and blocks its key, until long after, once there are `limit`. */
export const sampleTry = (key: string, limit = 3, part: Partial<AttemptRow> = {}): Try => ({
  key,
  subjectId: null,
  address: null,
  ...part,
  count: (before: Tally | undefined): Tally => {
    const failures = (before?.failures ?? 0) + 1
    return { failures, lastAt: instant, blockedUntil: failures >= limit ? lastInstant : null }
  },
})

export const longestEvent = (): ChainedEvent =>
  sampleEvent({
    type: 'login.failed',
    outcome: 'failure',
    actorId: 'a'.repeat(64),
    subjectId: createId(instant),
    sessionId: createId(instant),
    address: '2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255',
    userAgent: 'é🦊'.repeat(128),
    requestId: 'r'.repeat(64),
    details: { reason: 'größer "als" 👻', count: -1.5, isFirst: false },
    chain: `${'f'.repeat(16)}.${'9'.repeat(15)}`,
    number: 9_007_199_254_740_991,
    mac: 'f'.repeat(32),
  })

export const sampleRecorder = (number: number, part: Partial<Recorder> = {}): Recorder => ({
  id: createId(instant).replaceAll('-', '').slice(-16),
  number,
  startedAt: instant,
  isTrailEmpty: number === 1,
  mac: '0123456789abcdef0123456789abcdef',
  checkpoint: `lkc1.${'0:1:ff,'.repeat(1000)}`,
  checkpointNumber: 1,
  bases: '',
  basesNumber: 0,
  ...part,
})
