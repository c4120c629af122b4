import { availableParallelism, cpus, loadavg } from 'node:os'
import { version } from '../src/lib/version.js'
import type { Arguments } from './arguments.js'
import { hashCost } from './measure/logins.js'
import { connections } from './measure/people.js'
import { chooseCores } from './processes.js'
import { type Row, type Verdict, verdictOf } from './row.js'
import { rowsOf } from './rows.js'
import type { Run } from './sample.js'

/** One run as it is kept in `bench/results.json`: the machine without its name, the lines, and every figure behind them. */
export type Results = Omit<Run, 'cores'> & {
  latchkey: string
  machine: Machine
  conditions: {
    rounds: number
    seconds: number
    connections: number
    hashCost: string
    store: string
  }
  rows: readonly JudgedRow[]
}

export type JudgedRow = Row & { reached: Verdict }

export type Machine = {
  node: string
  system: string
  processor: string
  cores: number
  /** Whether server and generator had cores of their own. */
  pinned: boolean
  /** Processes that wanted to run in the minute before. */
  loadBefore: number
}

export const describeMachine = (): Machine => ({
  node: process.version,
  system: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  pinned: chooseCores().server !== undefined,
  loadBefore: loadavg()[0] ?? 0,
})

export const resultsOf = (
  { rounds, seconds, store }: Arguments,
  machine: Machine,
  { run, storeVersion }: { run: Run; storeVersion: string },
): Results => {
  const { cores: _, ...measured } = run
  return {
    latchkey: version,
    machine,
    conditions: { rounds, seconds, connections, hashCost, store: `${store} (${storeVersion})` },
    rows: rowsOf(run, store).map((row) => ({ ...row, reached: verdictOf(row) })),
    ...measured,
  }
}

/** What has to be known to believe a table. */
export const notesOn = ({ machine, conditions, absent, stores }: Results): string[] => {
  const { node, system, processor, cores, pinned, loadBefore } = machine
  const { rounds, seconds, store } = conditions
  return [
    `Node ${node}, ${system}, ${cores} × ${processor}; ${rounds} rounds of ${seconds} s, ${conditions.connections} connections. Store: ${store}.`,
    pinned
      ? 'Rates: server on one core, client on another, and how much of a core each used. Logins and two processes: all cores.'
      : 'Server and client were not kept to cores of their own, so the ratios are worth little.',
    ...stores.map(({ name, version: kind }) => `${name}: ${kind}`),
    ...absent.map((text) => `Left out: ${text}`),
    ...(loadBefore > cores / 2
      ? [
          `The machine was busy before (load ${loadBefore.toFixed(1)}): times and rates are worth little.`,
        ]
      : []),
  ]
}
