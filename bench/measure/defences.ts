import { type Generator, registerPeople, type Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { measureRate, meScript, rateOf } from './rate.js'

/** What the defences cost: me with every one of them, against the same build with those off that can be. */
const connections = 16

/** Everything that looks at a request before its route does. The client's address comes by way of a proxy that is trusted. */
export const allDefences = {
  TRUSTED_PROXIES: '10.0.0.0/8, 192.168.0.0/16',
  ALLOWED_ADDRESSES: '127.0.0.0/8, ::1, 192.0.2.0/24, 2001:db8::/32',
  DENIED_ADDRESSES: '192.0.2.7, 198.51.100.0/24, 2001:db8:bad::/48',
  ADMIN_ALLOWED_ADDRESSES: '127.0.0.1',
  ADMIN_DENIED_ADDRESSES: '192.0.2.0/24',
}

export const noDefences = {
  RATE_LIMIT_REQUESTS: '0',
  RATE_LIMIT_LOGIN: '0',
  RATE_LIMIT_REGISTER: '0',
  RATE_LIMIT_REFRESH: '0',
}

export const prepareDefences = async (deps: {
  guarded: Server
  bare: Server
  generator: Generator
}) => {
  const { guarded, bare, generator } = deps
  const [inside, outside] = [
    (await registerPeople(guarded, connections)).map(meScript),
    (await registerPeople(bare, connections)).map(meScript),
  ]

  return async (seconds: number): Promise<Sample> => {
    const without = await measureRate(generator, bare, outside, seconds)
    const withAll = await measureRate(generator, guarded, inside, seconds)
    return { ...rateOf('undefended', without), ...rateOf('defended', withAll, without) }
  }
}
