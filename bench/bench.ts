import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { version } from '../src/lib/version.js'
import { type Arguments, readArguments, type StoreName, usage } from './arguments.js'
import { hashCost } from './measure/logins.js'
import { chooseCores, root } from './processes.js'
import { rowsOf, verdictOf } from './rows.js'
import { measureAll } from './run.js'
import { figuresOf } from './sample.js'
import { openPlace } from './stores.js'
import { tableOf } from './table.js'

/** `npm run bench`: everything in one run, the contenders in turn, one table at the end. A missed gate is no failure. */
const bench = async (asked: Arguments): Promise<void> => {
  const machine = describeMachine()
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, 'bench-')) // on the disk that a database would be on
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const database = await openPlace(asked.store)
  const samples = await measureAll(asked, database, folder, (text) =>
    process.stderr.write(`${text}\n`),
  ).finally(() => database.stop())
  const rows = rowsOf(figuresOf(samples), asked.store)
    .filter(({ figure }) => figure !== undefined)
    .map((row) => ({ ...row, reached: verdictOf(row) }))
  const { rounds, seconds, only, store, json } = asked
  const kept = `${store} (${database.version})`
  const conditions = { rounds, seconds, connections: 16, hashCost, store: kept }
  const results = { latchkey: version, machine, conditions, rows, samples }
  if (only === undefined && rounds * seconds >= 20)
    writeFileSync(join(root, fileOf(store)), `${JSON.stringify(results, undefined, 2)}\n`)
  if (json) console.log(JSON.stringify(results))
  else console.log([tableOf(rows), '', ...notesOn(machine, conditions)].join('\n'))
}

const fileOf = (store: StoreName): string =>
  store === 'sqlite' ? 'bench/results.json' : `bench/results-${store}.json`

const describeMachine = () => ({
  node: process.version,
  system: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  pinned: chooseCores().server !== undefined,
  /** Processes that wanted to run in the minute before. */
  loadBefore: loadavg()[0] ?? 0,
})

type Conditions = { rounds: number; seconds: number; connections: number; store: string }

const notesOn = (
  { node, system, processor, cores, pinned, loadBefore }: ReturnType<typeof describeMachine>,
  { rounds, seconds, connections, store }: Conditions,
): string[] => [
  `Node ${node}, ${system}, ${cores} × ${processor}; ${rounds} rounds of ${seconds} s, ${connections} connections. Store: ${store}.`,
  pinned
    ? 'Rates: server on one core, client on another, and how much of it each used. Logins: all cores.'
    : 'Server and client were not kept to cores of their own, so the ratios are worth little.',
  ...(loadBefore > cores / 2
    ? [
        `The machine was busy before (load ${loadBefore.toFixed(1)}): times and rates are worth little.`,
      ]
    : []),
]

const ask = (): Arguments | undefined => {
  try {
    const asked = readArguments(process.argv.slice(2))
    if (asked === undefined) console.log(usage)
    return asked
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

const asked = ask()
if (asked !== undefined) await bench(asked)
