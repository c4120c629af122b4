import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { trusted } from '../src/lib/trusted.js'
import { startGenerator } from './contenders.js'
import { openFilled } from './filling.js'
import { axesOf } from './growth/axes.js'
import { growthChart } from './growth/chart.js'
import { measureAxis } from './growth/measure.js'
import { type Growth, growthTable, type MeasuredAxis } from './growth/report.js'
import { chooseCores, root } from './processes.js'

/** `npm run bench:growth`: what an answer costs when there are more users, sessions, roles and keys. */
const usage = `Usage: npm run bench:growth -- [options]
  --users <list>   1000,10000,100000,1000000 when nothing is said
  --only <axis>    users, sessions, roles, keys or memory
  --store <name>   sqlite, postgres
  --rounds <n>     5 when nothing is said
  --seconds <n>    1 when nothing is said
  --chart          only draw bench/growth.svg and print the table again

Writes bench/growth-<store>.json, where what is not measured anew stays, and bench/growth.svg from that of SQLite.`

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000,10000,100000,1000000' },
    only: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    chart: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
const users = values.users.split(',').map(Number)
const store = values.store === 'postgres' ? 'postgres' : 'sqlite'
const isWanted = (name: string): boolean => values.only === undefined || values.only === name
const file = join(root, `bench/growth-${store}.json`)

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const measure = async (): Promise<Growth> => {
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, 'growth-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const cores = chooseCores()
  const filled = await openFilled(store, folder)
  const generator = await startGenerator({ folder, core: cores.generator })
  const deps = { folder, core: cores.server, generator, filled, rounds, seconds, progress }
  const axes: MeasuredAxis[] = []
  for (const axis of axesOf(users).filter(({ name }) => isWanted(name))) {
    const { name, title, points, deeds } = axis
    axes.push({ name, title, points, deeds, samples: await measureAxis(axis, deps) })
  }
  const memory = isWanted('memory') ? measureMemory(folder) : {}
  await generator.stop()
  await filled.stop()
  return { store: filled.version, axes, memory }
}

const measureMemory = (folder: string): Growth['memory'] => {
  progress('memory')
  const words = ['--expose-gc', '--import', 'tsx', join(root, 'bench/growth/memory.ts'), folder]
  const output = execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
  return trusted<Growth['memory']>(JSON.parse(output.trim().split('\n').at(-1) ?? '{}'))
}

const kept = (): Growth | undefined => {
  try {
    return trusted<Growth>(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** What was measured now, beside what an earlier run has of the rest. */
const joined = (now: Growth, before: Growth | undefined): Growth => {
  const names = axesOf(users).map(({ name }) => name)
  const axisOf = (name: string) =>
    now.axes.find((axis) => axis.name === name) ?? before?.axes?.find((axis) => axis.name === name)
  return {
    store: now.store,
    axes: names.flatMap((name) => axisOf(name) ?? []),
    memory: { ...before?.memory, ...now.memory },
  }
}

const run = async (): Promise<void> => {
  const before = kept()
  if (values.chart && before === undefined) throw new Error(`There is no ${file} yet`)
  const growth = values.chart && before ? before : joined(await measure(), before)
  if (!values.chart) writeFileSync(file, `${JSON.stringify(growth, undefined, 2)}\n`)
  if (store === 'sqlite') writeFileSync(join(root, 'bench/growth.svg'), growthChart(growth))
  console.log(growthTable(growth))
}

if (values.help || !(rounds > 0 && seconds > 0 && users.every((count) => count > 0))) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else await run()
