import type { Session, SessionStore } from '../../features/sessions/store.js'
import type { Connection } from './connection.js'
import {
  insertScript,
  listLiveScript,
  removeAllScript,
  revokeAllScript,
  revokeBeyondScript,
  revokeScript,
  rotateScript,
} from './scripts.js'

/**
 * Redis forgets a session a day after it expired: whoever comes back on the next morning is told that it expired, not that
 * it never was.
 */
const rememberedMilliseconds = 86_400_000

const fields = [
  'id',
  'userId',
  'nonce',
  'generation',
  'createdAt',
  'lastUsedAt',
  'expiresAt',
  'revokedAt',
  'address',
  'userAgent',
  'method',
] as const satisfies readonly (keyof Session)[]

type Row = Record<(typeof fields)[number], string | null>

/** Sessions in Redis. */
export const redisSessions = ({ call, run }: Connection, prefix: string): SessionStore => {
  const keys = [`${prefix}session:`, `${prefix}user:`]

  const insertIfAbsent = async (session: Session): Promise<boolean> => {
    const state = session.revokedAt === null ? 'l' : 'e'
    const kept = milliseconds(session.lastUsedAt, session.expiresAt)
    const row = wordsOf(session)
    return (await run(insertScript, keys, [session.id, session.userId, kept, state, ...row])) === 1
  }

  return {
    forgetsExpired: true,
    insert: async (session) => {
      if (!(await insertIfAbsent(session))) throw new Error('The id of a new session is taken')
    },
    insertIfAbsent,
    find: async (id) => sessionOf(await call('HMGET', `${keys[0]}${id}`, ...fields)),
    listLive: async ({ userId, now, afterId, limit }) => {
      const from = afterId === undefined ? '(m' : `(l${afterId}`
      const words = [userId, time(now), from, String(limit), ...fields]
      return listOf(await run(listLiveScript, keys, words)).flatMap((row) => sessionOf(row) ?? [])
    },
    rotate: async ({ id, generation, next = generation + 1, now, expiresAt }) => {
      const times = [time(now), time(expiresAt), milliseconds(now, expiresAt)]
      return (await run(rotateScript, keys, [id, String(generation), String(next), ...times])) === 1
    },
    revoke: async (id, now) => (await run(revokeScript, keys, [id, time(now)])) === 1,
    revokeAll: async (userId, now, exceptId = '') =>
      Number(await run(revokeAllScript, keys, [userId, time(now), exceptId])),
    revokeBeyond: async ({ userId, newestId, keep, now }) =>
      Number(await run(revokeBeyondScript, keys, [userId, newestId, String(keep), time(now)])),
    removeAll: async (userId) => {
      await run(removeAllScript, keys, [userId])
    },
    removeExpired: async () => 0, // Redis forgets them by itself
  }
}

/** A length of time rather than an instant: the clocks of Redis and of whoever asks need not agree. */
const milliseconds = (now: Date, expiresAt: Date): string =>
  String(Math.max(0, expiresAt.getTime() - now.getTime()) + rememberedMilliseconds)

const time = (instant: Date): string => String(instant.getTime())

/** Names and values, word by word. */
const wordsOf = (session: Session): string[] =>
  fields.flatMap((field) => {
    const value = session[field]
    if (value === null) return []
    return [field, value instanceof Date ? time(value) : String(value)]
  })

const sessionOf = (answer: unknown): Session | undefined => {
  const row = rowOf(listOf(answer))
  if (row.id === null) return undefined
  return {
    id: row.id,
    userId: row.userId ?? '',
    nonce: row.nonce ?? '',
    generation: Number(row.generation),
    createdAt: new Date(Number(row.createdAt)),
    lastUsedAt: new Date(Number(row.lastUsedAt)),
    expiresAt: new Date(Number(row.expiresAt)),
    revokedAt: row.revokedAt === null ? null : new Date(Number(row.revokedAt)),
    address: row.address,
    userAgent: row.userAgent,
    method: row.method ?? '',
  }
}

const rowOf = (values: readonly unknown[]): Row => {
  const value = (field: keyof Row): string | null => {
    const text = values[fields.indexOf(field)]
    return typeof text === 'string' ? text : null
  }
  return {
    id: value('id'),
    userId: value('userId'),
    nonce: value('nonce'),
    generation: value('generation'),
    createdAt: value('createdAt'),
    lastUsedAt: value('lastUsedAt'),
    expiresAt: value('expiresAt'),
    revokedAt: value('revokedAt'),
    address: value('address'),
    userAgent: value('userAgent'),
    method: value('method'),
  }
}

const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : [])
