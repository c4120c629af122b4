import { expect } from 'vitest'
import { type Caller, password, pause, quantile, signUp } from './calls.js'
import { createRapid, getMe, post, type Rapid, type Reply } from './rapid.js'

/** A crowd that asks for more than a server can do, and remembers what it was given. */
export type Deed = 'login' | 'refresh' | 'me'
/** What is asked for, in turn. */
export type Mix = readonly Deed[]

type Session = { access: string; refresh: string }
type Tally = { ok: number; away: number; waits: number[]; faults: Map<string, number> }

/** Who only sign in. Of few, many at a time would wait for each other: tries of one account are counted in turn. */
const guests = 64

/** So many of the newest sessions of an account are looked at: older ones end when there are too many. */
const remembered = 5

export const createCrowd = async (
  server: { port: number },
  caller: Caller,
  { people, connections }: { people: number; connections: number },
) => {
  const emails = Array.from({ length: people }, (_, index) => `one${index}@example.com`)
  const holders: Session[] = []
  // a few at a time: nobody is to be sent away yet
  for (let first = 0; first < people; first += 8)
    holders.push(
      ...(await Promise.all(
        emails.slice(first, first + 8).map(async (email) => {
          const { accessToken: access, refreshToken: refresh } = await signUp(caller, email)
          return { access, refresh }
        }),
      )),
    )
  const idle = [...holders]
  const opened = new Map<string, Session[]>()
  let turn = 0

  const keep = (email: string, session: Session): void => {
    const list = opened.get(email) ?? []
    list.push(session)
    if (list.length > remembered) list.shift()
    opened.set(email, list)
  }
  const perform = async (deed: Deed, rapid: Rapid): Promise<Reply> => {
    turn += 1
    // more logins of one account than it may have sessions would end those of the holders
    const email = `guest${turn % guests}@example.com`
    const holder = deed === 'refresh' ? idle.shift() : undefined
    if (holder !== undefined) {
      const reply = await rapid.ask(post('/auth/refresh', { refresh_token: holder.refresh }))
      if (reply.status === 200) Object.assign(holder, sessionOf(reply))
      idle.push(holder)
      return reply
    }
    if (deed !== 'login') return rapid.ask(getMe(holders[turn % people]?.access ?? ''))
    const reply = await rapid.ask(post('/auth/login', { email, password }))
    if (reply.status === 200) keep(email, sessionOf(reply))
    return reply
  }
  const note = (tally: Tally, deed: Deed, reply: Reply | Error): void => {
    if (!(reply instanceof Error)) {
      tally.waits.push(reply.milliseconds)
      if (reply.status === 200) tally.ok += 1
      else if (isHonest(reply)) tally.away += 1
      if (reply.status === 200 || isHonest(reply)) return
    }
    const what = `${deed}: ${reply instanceof Error ? reply.message : `${reply.status} ${reply.text}`}`
    tally.faults.set(what, (tally.faults.get(what) ?? 0) + 1)
  }
  const attempt = async (tally: Tally, deed: Deed, rapid: Rapid): Promise<void> =>
    note(tally, deed, await perform(deed, rapid).catch((error: Error) => error))

  for (let guest = 0; guest < guests; guest += 1) await signUp(caller, `guest${guest}@example.com`)

  return {
    /** What is done in a second when nobody asks before they are answered. */
    capacity: async (mix: Mix, seconds: number): Promise<number> => {
      const rapid = createRapid(server, 64)
      const tally = emptyTally()
      const end = performance.now() + seconds * 1000
      let next = 0
      const ask = async (): Promise<void> => {
        while (performance.now() < end) {
          next += 1
          await attempt(tally, mix[next % mix.length] ?? 'me', rapid)
        }
      }
      await Promise.all(Array.from({ length: Math.min(64, people) }, ask))
      rapid.close()
      expect([...tally.faults]).toEqual([])
      return tally.ok / seconds
    },
    /** So many a second, whatever becomes of those before. */
    overload: async (mix: Mix, { perSecond, seconds }: { perSecond: number; seconds: number }) => {
      const rapid = createRapid(server, connections)
      const tally = emptyTally()
      const pending = new Set<Promise<void>>()
      const started = performance.now()
      let sent = 0
      for (let passed = 0; passed < seconds; passed = (performance.now() - started) / 1000) {
        for (const due = passed * perSecond; sent < due; sent += 1) {
          const work = attempt(tally, mix[sent % mix.length] ?? 'me', rapid).finally(() =>
            pending.delete(work),
          )
          pending.add(work)
        }
        await pause(2)
      }
      const late = pending.size
      const took = (performance.now() - started) / 1000
      return {
        ...{ sent: sent / took, late },
        /** Everybody who asked has been answered. */
        end: async () => {
          await Promise.all(pending)
          rapid.close()
          const { ok, away, waits, faults } = tally
          return { ok, away, faults, p99: quantile(waits, 0.99), longest: quantile(waits, 1) }
        },
      }
    },
    /** Two deeds of somebody who asks one after the other: how long each takes. */
    wait: async (): Promise<number> => {
      const rapid = createRapid(server, 1)
      const started = performance.now()
      for (const deed of ['me', 'refresh'] as const) {
        const reply = await perform(deed, rapid)
        expect(reply.status, reply.text).toBe(200)
      }
      rapid.close()
      return performance.now() - started
    },
    /** Whoever was given a session has it. */
    expectKept: async (): Promise<number> => {
      const sessions = [...holders, ...[...opened.values()].flat()]
      const rapid = createRapid(server, 8)
      const replies = await Promise.all(
        sessions.map(({ refresh }) => rapid.ask(post('/auth/refresh', { refresh_token: refresh }))),
      )
      rapid.close()
      expect(replies.filter(({ status }) => status !== 200)).toEqual([])
      return sessions.length
    },
  }
}
export type Crowd = Awaited<ReturnType<typeof createCrowd>>

const emptyTally = (): Tally => ({ ok: 0, away: 0, waits: [], faults: new Map() })

const sessionOf = ({ text }: Reply): Session => {
  const { access_token: access, refresh_token: refresh } = JSON.parse(text)
  return { access, refresh }
}

const isHonest = ({ status, retryAfter, text }: Reply): boolean =>
  status === 503 && Number(retryAfter) > 0 && JSON.parse(text).code === 'overloaded'
