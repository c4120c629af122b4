import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trusted } from '../src/lib/trusted.js'
import { type Arguments, readArguments, type StoreName, usage } from './arguments.js'
import { type Budget, budgetOf, compare, comparisonTable } from './budget.js'
import { chartOf } from './chart.js'
import { root } from './processes.js'
import { withTable } from './readme.js'
import { describeMachine, notesOn, type Results, resultsOf } from './results.js'
import { measureAll } from './run.js'
import { figuresOf } from './sample.js'
import { openPlace } from './stores.js'
import { tableOf } from './table.js'

/** `npm run bench`: everything in one run, the contenders in turn, one table at the end. A missed gate is no failure. */
const measure = async (asked: Arguments): Promise<Results> => {
  const machine = describeMachine()
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, 'bench-')) // on the disk that a database would be on
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const database = await openPlace(asked.store)
  const progress = (text: string): void => {
    process.stderr.write(`${text}\n`)
  }
  const run = await measureAll(asked, { database, folder, progress }).finally(() => database.stop())
  return resultsOf(asked, machine, { run, storeVersion: database.version })
}

const show = async (asked: Arguments): Promise<void> => {
  const results = await measure(asked)
  if (asked.whole) writeJson(resultsFile(asked.store), results)
  if (asked.json) console.log(JSON.stringify(results))
  else console.log([tableOf(results.rows), '', ...notesOn(results)].join('\n'))
}

const check = async (asked: Arguments): Promise<void> => {
  const budget = trusted<Budget>(readJson(budgetFile))
  const results = await measure(asked)
  const comparisons = compare(budget, figuresOf(results.samples))
  const isKept = comparisons.every(({ outcome }) => outcome !== 'worse')
  if (asked.json)
    console.log(JSON.stringify({ kept: isKept, machine: results.machine, comparisons }))
  else console.log([comparisonTable(comparisons), '', ...notesOn(results)].join('\n'))
  if (!isKept) process.exitCode = 1
}

const writeBudget = (): void => {
  const results = lastResults()
  writeJson(budgetFile, budgetOf(results, figuresOf(results.samples)))
}

const writeReadme = (): void => {
  const results = lastResults()
  const readme = join(root, 'README.md')
  writeFileSync(join(root, 'bench/chart.svg'), chartOf(results))
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), results))
}

const budgetFile = 'bench/budget.json'
const resultsFile = (store: StoreName): string =>
  store === 'sqlite' ? 'bench/results.json' : `bench/results-${store}.json`

const lastResults = (): Results => trusted<Results>(readJson(resultsFile('sqlite')))

const readJson = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'))
const writeJson = (file: string, content: unknown): void =>
  writeFileSync(join(root, file), `${JSON.stringify(content, undefined, 2)}\n`)

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

const doing = { measure: show, check, budget: writeBudget, readme: writeReadme } as const
const asked = ask()
if (asked !== undefined) await doing[asked.deed](asked)
