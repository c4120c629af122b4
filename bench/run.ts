import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withoutSlowDisk } from '../test/faults/slow-disk.js'
import { type Arguments, type Station, stations } from './arguments.js'
import {
  type Generator,
  type Server,
  startGenerator,
  startHello,
  startLatchkey,
} from './contenders.js'
import { allDefences, noDefences, prepareDefences } from './measure/defences.js'
import { prepareLogins } from './measure/logins.js'
import { preparePeers } from './measure/peers.js'
import { prepareRates } from './measure/rates.js'
import { prepareRefreshFlood } from './measure/refresh-flood.js'
import { prepareSlowDisk } from './measure/slow-disk.js'
import { measureStartUp } from './measure/start-up.js'
import { prepareStores } from './measure/stores.js'
import { hasWorkers, prepareWorkers } from './measure/workers.js'
import { chooseCores } from './processes.js'
import { withTimes } from './rows/peers.js'
import type { MeasuredPeer, Run, Sample } from './sample.js'
import type { StorePlace } from './stores.js'

type Measure = (seconds: number) => Promise<Sample>

type Prepared = {
  measure: Measure
  /** Until the code that it measures is compiled. Default 1 */
  warmUpSeconds?: number
  found?: Partial<Pick<Run, 'peers' | 'stores' | 'absent'>>
  stop?: () => Promise<void>
}

type Deps = {
  database: StorePlace
  folder: string
  progress(text: string): void
}

/**
 * Every contender is started once and kept, then everything is measured in turn, round after round. Database servers work
 * by themselves even when nobody asks, so they come in an act of their own, after latchkey and its peers.
 */
export const measureAll = async (asked: Arguments, deps: Deps): Promise<Run> => {
  const ground = await openGround(deps)
  try {
    const acts: readonly (readonly Station[])[] = [
      stations.filter((name) => name !== 'stores'),
      ['stores'],
    ]
    const runs: Run[] = []
    for (const act of acts)
      runs.push(
        await measureAct(
          { ...asked, only: asked.only.filter((name) => act.includes(name)) },
          deps,
          ground,
        ),
      )
    return {
      samples: [...runs.flatMap(({ samples }) => samples), ...ground.noted],
      peers: runs.flatMap(({ peers }) => peers),
      stores: runs.flatMap(({ stores }) => stores),
      absent: runs.flatMap(({ absent }) => absent),
      cores: availableParallelism(),
    }
  } finally {
    await ground.stop()
  }
}

const measureAct = async (
  { rounds, seconds, only }: Arguments,
  { progress }: Deps,
  ground: Ground,
): Promise<Run> => {
  const wanted: Prepared[] = []
  const samples: Sample[] = []
  try {
    const names = stations.filter((name) => only.includes(name))
    for (const name of names) {
      progress(`starting: ${name}`)
      wanted.push(await ground.prepare[name]())
    }
    if (names.length > 0) progress('warming up')
    for (const { measure, warmUpSeconds = 1 } of wanted)
      await measure(Math.min(warmUpSeconds, seconds))
    const peers = wanted.flatMap(({ found }) => found?.peers ?? [])
    for (let round = 1; round <= rounds; round += 1) {
      let sample: Sample = {}
      for (const [index, { measure }] of wanted.entries()) {
        progress(`round ${round} of ${rounds}: ${names[index]}`)
        await wait(settleMilliseconds)
        sample = { ...sample, ...(await measure(seconds)) }
      }
      samples.push(withTimes(sample, peers))
    }
    return {
      samples,
      peers,
      stores: wanted.flatMap(({ found }) => found?.stores ?? []),
      absent: wanted.flatMap(({ found }) => found?.absent ?? []),
      cores: availableParallelism(),
    }
  } finally {
    for (const { stop } of wanted) await stop?.()
  }
}

/** What was written before reaches the disk in its own time, not in that of the next line. */
const settleMilliseconds = 500

type Ground = Awaited<ReturnType<typeof openGround>>

/** What the stations stand on, and how each is set up. */
const openGround = async ({ database, folder, progress }: Deps) => {
  const cores = chooseCores()
  const running: { stop(): Promise<void> }[] = []
  const keep = async <Program extends { stop(): Promise<void> }>(starting: Promise<Program>) => {
    const program = await starting
    running.push(program)
    return program
  }
  const onCore = (core: string | undefined): Promise<Generator> =>
    keep(startGenerator({ folder, core }))
  const generator = await onCore(cores.generator)
  const bystander = await onCore(cores.generator)
  const latchkey = async (
    name: string,
    { settings = {}, ...more }: Partial<Parameters<typeof startLatchkey>[0]> & Settings = {},
  ): Promise<Server> =>
    keep(
      startLatchkey({
        ...{ folder: join(folder, name), core: cores.server },
        environment: { ...(await database.fresh()), ...settings },
        ...more,
      }),
    )
  const allCores = { core: undefined }
  const noted: Sample[] = []

  const prepare: Record<Station, () => Promise<Prepared>> = {
    rates: async () => {
      const hello = await keep(startHello({ folder, core: cores.server }))
      const pinned = await latchkey('pinned')
      await wait(2000)
      noted.push(memory('idle', pinned))
      return {
        measure: andMemory(
          'load',
          pinned,
          await prepareRates({ hello, latchkey: pinned, generator }),
        ),
      }
    },
    defences: async () => {
      const guarded = await latchkey('guarded', { settings: allDefences })
      const bare = await latchkey('bare', { settings: noDefences })
      return { measure: await prepareDefences({ guarded, bare, generator }) }
    },
    logins: async () => {
      const free = await latchkey('free', { ...allCores, preload: 'bench/against/probe.mjs' })
      const measure = await prepareLogins({ latchkey: free, generator, bystander, folder })
      return { measure: andMemory('logins', free, measure), warmUpSeconds: 4 }
    },
    refreshing: async () => {
      const flooded = await latchkey('flooded')
      return { measure: await prepareRefreshFlood({ latchkey: flooded, generator, bystander }) }
    },
    processes: async () => {
      if (!hasWorkers()) return leftOut('two processes: this latchkey has no --workers')
      const one = await latchkey('one', allCores)
      const two = await latchkey('two', { ...allCores, words: ['--workers', '2'] })
      return {
        measure: short(await prepareWorkers({ one, two, generator: await onCore(undefined) })),
      }
    },
    disk: async () => {
      if (withoutSlowDisk !== undefined) return leftOut(`a slow disk: ${withoutSlowDisk}`)
      const start = (name: string, settings: Readonly<Record<string, string>>) =>
        latchkey(name, { settings })
      const { measure, stop } = await prepareSlowDisk({ folder, generator, start })
      return { measure: short(measure), stop }
    },
    'start-up': async () => ({ measure: () => measureStartUp(folder) }),
    peers: async () => {
      const { found, absent, measure, stop } = await preparePeers({
        ...{ folder, core: cores.server, generator, bystander, progress },
      })
      const missing = absent.map(({ label, why }) => `${label}: ${why}`)
      return { measure: short(measure), stop, found: { peers: found.map(named), absent: missing } }
    },
    stores: async () => {
      const { found, absent, measure, stop } = await prepareStores({
        ...{ folder, core: cores.server, generator },
      })
      const missing = absent.map((name) => `${name}: there is no such server here`)
      return { measure: short(measure), stop, found: { stores: found, absent: missing } }
    },
  }
  const stop = async () => {
    await Promise.all(running.map((program) => program.stop()))
  }
  return { prepare, noted, stop }
}

type Settings = { settings?: Readonly<Record<string, string>> }

/** Stations of many contenders: the whole run is to end in twelve minutes. */
const short =
  (measure: Measure): Measure =>
  (seconds) =>
    measure(Math.min(seconds, 2))

/** What may be written down of a peer. */
const named = ({ name, label, hash, deeds }: MeasuredPeer): MeasuredPeer => ({
  ...{ name, label, hash },
  deeds: deeds.map((deed) => ({ name: deed.name, what: deed.what, equals: deed.equals })),
})

const leftOut = (why: string): Prepared => ({
  measure: async () => ({}),
  found: { absent: [why] },
})

/** Looked at as the load ends, as it is of the peers. */
const andMemory =
  (when: string, server: Server, measure: Measure): Measure =>
  async (seconds) => ({ ...(await measure(seconds)), ...memory(when, server) })

const memory = (when: string, { residentMegabytes }: Server): Sample => {
  const megabytes = residentMegabytes()
  return megabytes === undefined ? {} : { [`memory.${when}`]: megabytes }
}
