import { expect } from 'vitest'
import { type Answer, type Caller, pause } from './calls.js'
import type { CookieHolder } from './cookie-holder.js'
import { expectUnavailable } from './unavailable.js'

/** About fifty requests a second, whatever becomes of those before. */
const everyMilliseconds = 20

type Load = { caller: Caller; holders: readonly CookieHolder[]; accessToken: string }

export const createLoad = ({ caller, holders, accessToken }: Load) => {
  const faults: unknown[] = []
  const waits: number[] = []
  const stalls: number[] = []
  let refused = 0
  let lastSuccess = 0
  const pending = new Set<Promise<void>>()
  const idle = [...holders]

  const note = (answer: Answer): void => {
    waits.push(answer.milliseconds)
    if (answer.status === 200) {
      lastSuccess = performance.now()
      return
    }
    refused += 1
    expectUnavailable(answer)
  }
  const send = async (): Promise<void> => {
    const holder = idle.shift()
    try {
      if (holder === undefined) note(await caller.call('GET', '/auth/me', { token: accessToken }))
      else note(await holder.tryRefresh())
    } catch (error) {
      faults.push(error)
    }
    if (holder !== undefined) idle.push(holder)
  }
  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => pending.delete(tracked))
    pending.add(tracked)
  }

  const sending = setInterval(() => track(send()), everyMilliseconds)
  const looking = setInterval(() => {
    track(
      caller.tryCall('GET', '/health/live').then((answer) => {
        stalls.push(answer?.milliseconds ?? Number.NaN)
      }),
    )
  }, 100)

  const stop = (): void => {
    clearInterval(sending)
    clearInterval(looking)
  }

  return {
    stop,
    /** Waits for an answer that needed the store and came after this was asked. @throws when none comes within a minute */
    firstSuccess: async (): Promise<void> => {
      const from = performance.now()
      while (lastSuccess < from && faults.length === 0) {
        if (performance.now() - from > 60_000) throw new Error('Service does not return')
        await pause(5)
      }
    },
    end: async () => {
      stop()
      await Promise.all(pending)
      expect(faults).toEqual([])
      return {
        answered: waits.length - refused,
        refused,
        longest: Math.max(...waits),
        stall: Math.max(...stalls),
      }
    },
  }
}
