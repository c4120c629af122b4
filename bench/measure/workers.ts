import { spawnSync } from 'node:child_process'
import { type Generator, main, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { meetPeople, type People } from './people.js'
import { type Measured, rateOf } from './rate.js'

/** Whether this latchkey serves with more than one process. */
export const hasWorkers = (): boolean =>
  spawnSync(process.execPath, [main, 'serve', '--help'], { encoding: 'utf8' }).stdout.includes(
    '--workers',
  )

/** One process against two, on all cores: me, refresh, and a token seen first. */
export const prepareWorkers = async (deps: { one: Server; two: Server; generator: Generator }) => {
  const one = await meetPeople(deps.one, deps.generator)
  const two = await meetPeople(deps.two, deps.generator)
  const measure = async (people: People, seconds: number) => ({
    me: await people.me(seconds),
    refresh: await people.refresh(seconds),
    first: await people.first(),
  })

  return async (seconds: number): Promise<Sample> => {
    const alone = await measure(one, seconds)
    const together = await measure(two, seconds)
    return {
      ...both('me', together.me, alone.me),
      ...both('refresh', together.refresh, alone.refresh),
      ...both('first', together.first, alone.first),
    }
  }
}

/** By processor time: what two would do with a core for each, and another for the generator. */
const both = (name: string, together: Measured, alone: Measured): Sample => {
  const sample = rateOf(`two.${name}`, together, alone)
  const ratio = `two.${name}.cpuRatio`
  return { ...sample, [ratio]: 2 * (sample[ratio] ?? Number.NaN) }
}
