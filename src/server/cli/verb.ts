import type { Output } from './output.js'

/** What every verb is given: its words, its options, where settings come from, and where to say things. */
export type Task<Options = object> = {
  words: readonly string[]
  options: Options
  envFile: string | undefined
  output: Output
}
export type Verb<Options = object> = (task: Task<Options>) => Promise<void>
