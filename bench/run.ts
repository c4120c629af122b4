import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Arguments, type Station, stations } from './arguments.js'
import { startGenerator, startHello, startLatchkey } from './contenders.js'
import { allDefences, noDefences, prepareDefences } from './measure/defences.js'
import { prepareLogins } from './measure/logins.js'
import { prepareRates } from './measure/rates.js'
import { prepareRefreshFlood } from './measure/refresh-flood.js'
import { measureStartUp } from './measure/start-up.js'
import { chooseCores } from './processes.js'
import type { Sample } from './sample.js'
import type { StorePlace } from './stores.js'

/** One run: every contender is started once and kept, then everything is measured in turn, round after round. */
type Measure = (seconds: number) => Promise<Sample>

export const measureAll = async (
  { rounds, seconds, only }: Arguments,
  database: StorePlace,
  folder: string,
  progress: (text: string) => void,
): Promise<Sample[]> => {
  const cores = chooseCores()
  const place = (name: string) => ({ folder: join(folder, name), core: cores.server })
  const generator = await startGenerator({ folder, core: cores.generator })
  const bystander = await startGenerator({ folder, core: cores.generator })
  const hello = await startHello({ folder, core: cores.server })
  const latchkey = async (name: string, settings = {}) => ({
    ...place(name),
    environment: { ...(await database.fresh()), ...settings },
  })
  const pinned = await startLatchkey(await latchkey('pinned'))
  const guarded = await startLatchkey(await latchkey('guarded', allDefences))
  const bare = await startLatchkey(await latchkey('bare', noDefences))
  const flooded = await startLatchkey(await latchkey('flooded'))
  const free = await startLatchkey({
    ...(await latchkey('free')),
    core: undefined,
    preload: 'bench/against/probe.mjs',
  })
  await wait(2000)
  const samples: Sample[] = [memory('idle', pinned.residentMegabytes())]

  const measures: Record<Station, Measure> = {
    rates: await prepareRates({ hello, latchkey: pinned, generator }),
    defences: await prepareDefences({ guarded, bare, generator }),
    logins: await prepareLogins({ latchkey: free, generator, bystander, folder }),
    refreshing: await prepareRefreshFlood({ latchkey: flooded, generator, bystander }),
    'start-up': () => measureStartUp(folder),
  }
  const wanted = stations.filter((name) => only === undefined || only === name)

  progress('warming up')
  for (const name of wanted) await measures[name](1)
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of wanted) {
      progress(`round ${round} of ${rounds}: ${name}`)
      await wait(settleMilliseconds)
      samples.push(await measures[name](seconds))
    }
  }
  if (wanted.includes('rates')) samples.push(memory('load', pinned.residentMegabytes()))
  if (wanted.includes('logins')) samples.push(memory('logins', free.residentMegabytes()))
  const programs = [generator, bystander, hello, pinned, guarded, bare, flooded, free]
  await Promise.all(programs.map(({ stop }) => stop()))
  return samples
}

/** What was written before reaches the disk in its own time, not in that of the next line. */
const settleMilliseconds = 1000

const memory = (when: string, megabytes: number | undefined): Sample =>
  megabytes === undefined ? {} : { [`memory.${when}`]: megabytes }
