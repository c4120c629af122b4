import { parseArgs } from 'node:util'

/** What one asks of a run. */
export type Arguments = {
  /** What is to be done: measure, compare with the budget, or write what follows from the last run. */
  deed: Deed
  rounds: number
  /** How long each measurement of a round takes; scripts that come to an end may be done earlier. */
  seconds: number
  /** The stations to measure. */
  only: readonly Station[]
  /** Where latchkey keeps everything. */
  store: StoreName
  /** Print everything as JSON instead of a table. */
  json: boolean
  /** Long enough, and everything there is: worth being kept in a file. */
  whole: boolean
}

const deeds = ['check', 'budget', 'readme'] as const
export type Deed = 'measure' | (typeof deeds)[number]

export const stations = [
  'rates',
  'defences',
  'logins',
  'refreshing',
  'processes',
  'disk',
  'start-up',
  'peers',
  'stores',
] as const
export type Station = (typeof stations)[number]

/** What a budget is kept for. */
const checked: readonly Station[] = ['rates', 'logins', 'processes']

export const storeNames = ['sqlite', 'postgres', 'mysql', 'mongo', 'redis'] as const
export type StoreName = (typeof storeNames)[number]

export const usage = `Usage: npm run bench -- [options]
  --quick           3 rounds of 1 second instead of 5 of 3 seconds, without the other stores
  --rounds <n>      how often everything is measured in turn, at least 3 to be quoted
  --seconds <n>     how long each measurement of a round takes
  --only <station>  ${stations.join(', ')}
  --store <name>    ${storeNames.join(', ')}: where latchkey keeps everything (redis: the sessions), alone
  --json            print everything as JSON
  --check           measure, and compare with bench/budget.json: ends with 1 when a ratio is worse by more than 15 %
  --budget          write bench/budget.json from bench/results.json
  --readme          write the table of the README and bench/chart.svg from bench/results.json
  --profile         record where the server's time goes: npm run bench -- --profile --help

A run of everything that is not --quick also writes bench/results.json, or bench/results-<store>.json.
npm run bench:growth measures against the number of users, sessions, roles and keys.`

/** Undefined when help was asked for. @throws TypeError for options that are not known or make no sense */
export const readArguments = (words: readonly string[]): Arguments | undefined => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      store: { type: 'string', default: 'sqlite' },
      check: { type: 'boolean', default: false },
      budget: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { quick, rounds, seconds, only, json } = values
  const [deed = 'measure', ...others] = deeds.filter((name) => values[name])
  if (others.length > 0) throw new TypeError(`--${deed} and --${others[0]} are two things to do`)
  const store = readStore(values.store)
  return {
    deed,
    rounds: positive(rounds, quick ? 3 : 5),
    seconds: positive(seconds, quick ? 1 : 3),
    only: stationsOf(only, { deed, store, quick }),
    store,
    json,
    whole: deed === 'measure' && !quick && only === undefined,
  }
}

const stationsOf = (
  only: string | undefined,
  { deed, store, quick }: { deed: Deed; store: StoreName; quick: boolean },
): readonly Station[] => {
  if (only !== undefined && !stations.some((name) => name === only))
    throw new TypeError(`There is no station ${only}`)
  // peers are compared with what latchkey does in the same round
  if (only !== undefined)
    return stations.filter((name) => name === only || (only === 'peers' && name === 'rates'))
  if (deed === 'check') return checked
  if (store !== 'sqlite') return ['rates', 'logins', 'refreshing']
  return stations.filter((name) => !(quick && name === 'stores'))
}

/** @throws TypeError for a store that is not known */
export const readStore = (text: string): StoreName => {
  const name = storeNames.find((each) => each === text)
  if (name === undefined) throw new TypeError(`There is no store ${text}`)
  return name
}

const positive = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  if (!(value > 0 && value <= 600)) throw new TypeError(`${text} is not a number that can be used`)
  return value
}
