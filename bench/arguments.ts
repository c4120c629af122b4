import { parseArgs } from 'node:util'

/** What one asks of a run. */
export type Arguments = {
  rounds: number
  /** How long each measurement of a round takes; scripts that come to an end may be done earlier. */
  seconds: number
  /** The one station to measure, or all of them. */
  only: string | undefined
  /** Where latchkey keeps everything. */
  store: StoreName
  /** Print everything as JSON instead of a table. */
  json: boolean
}

export const stations = ['rates', 'defences', 'logins', 'refreshing', 'start-up'] as const
export type Station = (typeof stations)[number]

export const storeNames = ['sqlite', 'postgres', 'mysql', 'mongo', 'redis'] as const
export type StoreName = (typeof storeNames)[number]

export const usage = `Usage: npm run bench -- [options]
  --quick           3 rounds of 1 second instead of 5 rounds of 4 seconds
  --rounds <n>      how often everything is measured in turn, at least 3 to be quoted
  --seconds <n>     how long each measurement of a round takes
  --only <station>  ${stations.join(', ')}
  --store <name>    ${storeNames.join(', ')}: where latchkey keeps everything (redis: the sessions)
  --json            print everything as JSON

A full run also writes bench/results.json, or bench/results-<store>.json.`

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
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const { quick, json, rounds, seconds, only, store } = values
  if (only !== undefined && !stations.some((name) => name === only))
    throw new TypeError(`There is no station ${only}`)
  return {
    rounds: positive(rounds, quick ? 3 : 5),
    seconds: positive(seconds, quick ? 1 : 4),
    only,
    store: readStore(store),
    json,
  }
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
