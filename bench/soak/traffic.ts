import { setTimeout as wait } from 'node:timers/promises'
import type { Deed, Outcome, People } from './people.js'

/** How often a second each deed is begun, whatever becomes of those before. */
export const perSecond: Readonly<Record<Deed, number>> = {
  register: 1,
  login: 10,
  refresh: 60,
  me: 200,
  logout: 5,
}

export type Tally = { count: number; waits: number[] }
export type Traffic = {
  tallies: Record<Deed, Tally>
  serverErrors: number
  /** Answers that were not the right ones, and connections that broke; the first of each kind. */
  faults: Map<string, number>
}

export const runTraffic = async (people: People, seconds: number): Promise<Traffic> => {
  const deeds = Object.keys(perSecond) as Deed[]
  const traffic: Traffic = {
    tallies: { register: none(), login: none(), refresh: none(), me: none(), logout: none() },
    serverErrors: 0,
    faults: new Map(),
  }
  const blame = (what: string): void => {
    traffic.faults.set(what, (traffic.faults.get(what) ?? 0) + 1)
  }
  const note = (deed: Deed, { answer, isRight }: Outcome): void => {
    traffic.tallies[deed].count += 1
    traffic.tallies[deed].waits.push(answer.milliseconds)
    if (answer.status >= 500) traffic.serverErrors += 1
    if (!isRight) blame(`${deed}: ${answer.status} ${answer.body.code ?? ''}`)
  }
  const perform = (deed: Deed): Promise<void> =>
    people[deed]().then(
      (outcome) => outcome && note(deed, outcome),
      (error: Error) => blame(`${deed}: ${error.message}`),
    )

  const pending = new Set<Promise<void>>()
  const begun = new Map<Deed, number>()
  const started = performance.now()
  for (let passed = 0; passed < seconds; passed = (performance.now() - started) / 1000) {
    for (const deed of deeds) {
      const due = Math.floor(passed * perSecond[deed])
      for (let count = begun.get(deed) ?? 0; count < due; count += 1) {
        const performing = perform(deed).finally(() => pending.delete(performing))
        pending.add(performing)
      }
      begun.set(deed, due)
    }
    await wait(5)
  }
  await Promise.all(pending)
  return traffic
}

const none = (): Tally => ({ count: 0, waits: [] })
