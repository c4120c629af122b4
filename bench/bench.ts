import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { version } from '../src/lib/version.js'
import { startGenerator, startHello, startLatchkey } from './contenders.js'
import { hashCost, prepareLogins } from './measure/logins.js'
import { prepareRates } from './measure/rates.js'
import { prepareRefreshFlood } from './measure/refresh-flood.js'
import { measureStartUp } from './measure/start-up.js'
import { chooseCores, root } from './processes.js'
import { rowsOf, verdictOf } from './rows.js'
import { figuresOf, type Sample } from './sample.js'
import { tableOf } from './table.js'

/** `npm run bench`: everything in one run, the contenders in turn, round after round. */
const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
  },
})
const rounds = Number(given.rounds ?? (given.quick ? 3 : 5))
const seconds = Number(given.seconds ?? (given.quick ? 1 : 4))
const isWanted = (name: string): boolean => given.only === undefined || given.only === name

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const measureAll = async (folder: string): Promise<Sample[]> => {
  const cores = chooseCores()
  const place = (name: string) => ({ folder: join(folder, name), core: cores.server })
  const generator = await startGenerator({ folder, core: cores.generator })
  const bystander = await startGenerator({ folder, core: cores.generator })
  const hello = await startHello({ folder, core: cores.server })
  const pinned = await startLatchkey(place('pinned'))
  const flooded = await startLatchkey(place('flooded'))
  const free = await startLatchkey({ ...place('free'), core: undefined, probe: true })
  await wait(2000)
  const idle = { 'memory.idle': pinned.residentMegabytes() ?? Number.NaN }

  const stations: Record<string, (seconds: number) => Promise<Sample>> = {
    rates: await prepareRates({ hello, latchkey: pinned, generator }),
    logins: await prepareLogins({ latchkey: free, generator, bystander, folder }),
    'refresh flood': await prepareRefreshFlood({ latchkey: flooded, generator, bystander }),
    'start-up': () => measureStartUp(folder),
  }
  const wanted = Object.entries(stations).filter(([name]) => isWanted(name))

  progress('warming up')
  for (const [, measure] of wanted) await measure(1)
  const samples: Sample[] = [idle]
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, measure] of wanted) {
      progress(`round ${round} of ${rounds}: ${name}`)
      samples.push(await measure(seconds))
    }
  }
  samples.push({
    'memory.load': pinned.residentMegabytes() ?? Number.NaN,
    'memory.logins': free.residentMegabytes() ?? Number.NaN,
  })
  await Promise.all([generator, bystander, hello, pinned, flooded, free].map(({ stop }) => stop()))
  return samples
}

const bench = async (): Promise<void> => {
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, 'bench-')) // on the disk that a database would be on
  const samples = await measureAll(folder)
  const figures = figuresOf(samples)
  const rows = rowsOf(figures).map((row) => ({ ...row, reached: verdictOf(row) }))
  const results = {
    latchkey: version,
    measuredAt: new Date().toISOString(),
    machine: {
      node: process.version,
      system: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model,
      cores: availableParallelism(),
      pinned: chooseCores().server !== undefined,
    },
    conditions: { rounds, seconds, connections: 16, hashCost },
    rows,
    samples,
  }
  if (!given.quick && given.only === undefined) {
    writeFileSync(join(root, 'bench/results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  }
  console.log(given.json ? JSON.stringify(results) : tableOf(rows))
  rmSync(folder, { recursive: true, force: true })
}

await bench()
