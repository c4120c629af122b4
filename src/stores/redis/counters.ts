import type { RateCounters } from '../../features/limits/store.js'
import { type Connection, script } from './connection.js'

/** Counters in Redis, which forgets them by itself. A counter without an end, or with one too far away, gets a new one. */
const hitScript = script(`
local key, window = KEYS[1], tonumber(ARGV[1])
local count, left = redis.call('INCR', key), redis.call('PTTL', key)
if left < 0 or left > window then
  redis.call('PEXPIRE', key, window)
  left = window
end
return { count, left }
`)

export const redisCounters = ({ run }: Pick<Connection, 'run'>, prefix: string): RateCounters => ({
  hit: async (key, windowSeconds) => {
    const answer = await run(hitScript, [`${prefix}limit:${key}`], [String(windowSeconds * 1000)])
    const [count, left] = Array.isArray(answer) ? answer.map(Number) : []
    if (count === undefined || left === undefined || !(count >= 1) || !(left >= 0))
      throw new Error('redis: no count')
    return { count, resetSeconds: Math.max(1, Math.ceil(left / 1000)) }
  },
})
