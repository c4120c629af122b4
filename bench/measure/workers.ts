import { spawnSync } from 'node:child_process'
import { type Generator, main, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { meetPeople, type People } from './people.js'
import { rateOf } from './rate.js'

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
      ...rateOf('two.me', together.me, alone.me),
      ...rateOf('two.refresh', together.refresh, alone.refresh),
      ...rateOf('two.first', together.first, alone.first),
    }
  }
}
