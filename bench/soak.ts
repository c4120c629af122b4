import { setInterval as every } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Caller, createCaller } from '../test/faults/calls.js'
import { startServer } from '../test/servers.js'
import { createPeople } from './soak/people.js'
import { reportOf } from './soak/report.js'
import { perSecond, runTraffic } from './soak/traffic.js'
import { watch } from './soak/watch.js'

/** `npm run soak` (R-30): the mixed life of a server, long enough to show what it loses or gathers. */
const usage = `Usage: npm run soak -- [--minutes <n>] [--json]
  --minutes <n>  how long, 30 when nothing is said
  --json         the figures as JSON on stdout, the table on stderr

Each second: ${Object.entries(perSecond)
  .map(([deed, times]) => `${times} × ${deed}`)
  .join(', ')}. Ends with 1 when an answer was 5xx or wrong.`

/** All are open from the start and none rests, so that the number of descriptors shows what the server keeps. */
const connections = 32

const soak = async (minutes: number, isJson: boolean): Promise<boolean> => {
  const seconds = minutes * 60
  const warmUp = Math.min(120, seconds / 4)
  // one address asks for everybody, so its limits are off; all else is as it comes
  const server = await startServer({ env: { LOG_LEVEL: 'error', LOG_FORMAT: 'json' } })
  try {
    const caller = createCaller(server, { sockets: connections, inTurn: true })
    await Promise.all(Array.from({ length: connections }, () => caller.call('GET', '/health')))
    const people = createPeople(caller)
    for (let count = 0; count < 20; count += 1) await people.register()
    const watching = watch(server.pid())
    const looking = new AbortController()
    const stalls = askWithoutStore(createCaller(server), looking.signal)
    const stopTelling = tellProgress(seconds)
    const traffic = await runTraffic(people, seconds)
    stopTelling()
    looking.abort()
    const held = watching.stop(warmUp)
    const { text, isKept, figures } = reportOf({ traffic, held, stalls: await stalls, minutes })
    const tell = isJson ? console.error : console.log
    tell(text)
    if (server.log() !== '') tell(`The server said:\n${server.log().slice(0, 2_000)}`)
    if (isJson) console.log(JSON.stringify(figures, null, 2))
    return isKept
  } finally {
    await server.stop()
  }
}

/** Only where somebody may be watching. */
const tellProgress = (seconds: number): (() => void) => {
  const { stderr } = process
  if (!stderr.isTTY) return () => {}
  const started = performance.now()
  const timer = setInterval(() => {
    const left = Math.max(0, seconds - (performance.now() - started) / 1000)
    stderr.write(`\r\x1b[2K… soaking, ${Math.ceil(left)} s left`)
  }, 1_000)
  return () => {
    clearInterval(timer)
    stderr.write('\r\x1b[2K')
  }
}

/** What the server needs for a question without the store is what its event loop makes everybody wait. */
const askWithoutStore = async (caller: Caller, signal: AbortSignal): Promise<number[]> => {
  const waits: number[] = []
  try {
    for await (const _ of every(200, undefined, { signal }))
      waits.push((await caller.call('GET', '/health/live')).milliseconds)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return waits
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
if (values.help || !(minutes > 0 && minutes <= 10_080)) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  if (!(await soak(minutes, values.json))) process.exitCode = 1
}
