import type { Caller } from '../../lib/caller.js'
import type { Clock } from '../../lib/clock.js'
import type { Store } from '../../stores/store.js'
import type { Events } from './events.js'
import { pruneTrail } from './prune.js'
import type { EventQuery, RecordedEvent } from './store.js'
import { createTrailKey } from './trail-key.js'
import { type TrailReport, type VerifyOptions, verifyTrail } from './verify.js'

/** The trail: all events that were recorded, to be read, proved and, when they are old, pruned. */
type Deps = {
  store: Pick<Store, 'events' | 'recorders' | 'transaction'>
  events: Pick<Events, 'commit'>
  clock: Clock
  /** The root secret, and those it replaced. */
  secrets: readonly [string, ...string[]]
}

/** What a pruning did or, as a dry run, would do. Of a trail that is not intact nothing is taken away. */
export type Pruning = { removed: number; report: TrailReport }

export const createTrail = ({ store, events, clock, secrets }: Deps) => {
  const [secret, ...previous] = secrets
  const key = createTrailKey(secret)
  const deps = { store, key, keys: [key, ...previous.map(createTrailKey)] }

  const prune = async (
    { before: given, isDryRun = false }: { before: Date; isDryRun?: boolean },
    caller: Caller = {},
  ): Promise<Pruning> => {
    const before = new Date(Math.min(given.getTime(), clock().getTime())) // this itself stays
    const report = await verifyTrail(deps)
    if (!report.isIntact) return { removed: 0, report }
    const count = await pruneTrail(deps, { before, isDryRun: true })
    if (isDryRun || count === 0) return { removed: count, report }
    const details = { count, before: before.toISOString() }
    await events.commit(({ record }) => record('trail.pruned', caller, { details }))
    return { removed: await pruneTrail(deps, { before, isDryRun: false }), report }
  }

  return {
    /** Oldest first. @throws AuthError `store_unavailable` */
    list: (query: EventQuery): Promise<RecordedEvent[]> => store.events.list(query),
    /**
     * Looks for anything that was changed, removed, moved or added since it was recorded.
     *
     * @throws AuthError `store_unavailable`
     */
    verify: (options?: VerifyOptions): Promise<TrailReport> => verifyTrail(deps, options),
    /**
     * Removes the events of before an instant, and keeps what proves the rest. The trail is verified first.
     *
     * @throws AuthError `store_unavailable`
     */
    prune,
    /** Checks the signature of a checkpoint (Ed25519, in PEM). */
    publicKey: key.publicKey,
  }
}
export type Trail = ReturnType<typeof createTrail>
