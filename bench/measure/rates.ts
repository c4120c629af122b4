import { getRequest } from '../client/connection.js'
import type { Generator, Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { connections, meetPeople } from './people.js'
import { measureRate, rateOf, repeat } from './rate.js'

/** Rates on one core against a bare hello: me with a known token and with a new one, and refresh. */
export const prepareRates = async (deps: {
  hello: Server
  latchkey: Server
  generator: Generator
}) => {
  const { hello, latchkey, generator } = deps
  const people = await meetPeople(latchkey, generator)
  const same = Array.from({ length: connections }, () => repeat(getRequest('/')))

  return async (seconds: number): Promise<Sample> => {
    const bare = await measureRate(generator, hello, same, seconds)
    const me = await people.me(seconds)
    const refresh = await people.refresh(seconds)
    const first = await people.first()
    return {
      ...rateOf('hello', bare),
      ...rateOf('me', me, bare),
      ...rateOf('refresh', refresh, bare),
      ...rateOf('first', first, bare),
    }
  }
}
