import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { trusted } from '../../src/lib/trusted.js'
import { getRequest, postRequest } from '../client/connection.js'
import type { Script } from '../client/scripts.js'
import { type Generator, password, registerPeople, type Server } from '../contenders.js'
import { root, startNode } from '../processes.js'
import type { Sample } from '../sample.js'
import { percentile } from '../statistics.js'

/** Logins against bare argon2id on all cores, and what everybody else notices of 32 clients that log in at once. */
const steady = 8
const flood = 32
/** Nobody has more than a few sessions then, as people do. */
const accounts = 128
/** The default of latchkey: OWASP's first choice. */
const parameters = { memoryKib: 19_456, passes: 2, parallelism: 1 }
export const hashCost = `argon2id m=${parameters.memoryKib} KiB t=${parameters.passes} p=${parameters.parallelism}`

type Probe = { loopDelays: number[]; fileReads: number[] }

export const prepareLogins = async (deps: {
  latchkey: Server
  generator: Generator
  bystander: Generator
  folder: string
}) => {
  const { latchkey, generator, bystander, folder } = deps
  const people = await registerPeople(latchkey, accounts)
  const token = people[0]?.accessToken
  const logins = (clients: number): Script[] =>
    Array.from({ length: clients }, (_, client) => ({
      kind: 'round',
      requests: people
        .filter((_person, index) => index % clients === client)
        .map(({ email }) => postRequest('/auth/login', { email, password })),
    }))
  const wakeProbe = (): void => {
    latchkey.child.send('wake')
  }
  const whatProbeSaw = async (): Promise<Probe> => {
    latchkey.child.send('report')
    const [report] = await once(latchkey.child, 'message')
    return trusted<Probe>(report)
  }
  const ask = (path: string, seconds: number) =>
    bystander.apply({
      port: latchkey.port,
      scripts: Array.from({ length: 4 }, () => ({
        kind: 'repeat',
        request: getRequest(path, token),
      })),
      seconds,
      pauseMilliseconds: 5,
    })

  const measureRate = async (seconds: number): Promise<Sample> => {
    const bareBefore = await bareRate(seconds / 2, folder)
    const before = latchkey.cpuSeconds()
    const login = await generator.apply({
      port: latchkey.port,
      scripts: logins(steady),
      seconds,
    })
    if (login.failures > 0) throw new Error(`${login.failures} logins failed: ${login.failure}`)
    const serverCpu = (latchkey.cpuSeconds() - before) / login.seconds
    const bare = (bareBefore + (await bareRate(seconds / 2, folder))) / 2
    return {
      'bare.perSecond': bare,
      'login.perSecond': login.perSecond,
      'login.ratio': login.perSecond / bare,
      'login.generatorCpu': login.generatorCpu,
      'login.serverCpu': serverCpu,
    }
  }

  const measureFlood = async (seconds: number): Promise<Sample> => {
    const flooding = generator.apply({ port: latchkey.port, scripts: logins(flood), seconds })
    await wait(250) // until the queue stands
    wakeProbe()
    const half = (seconds - 0.5) / 2
    const me = await ask('/auth/me', half)
    const health = await ask('/health', half)
    const { loopDelays, fileReads } = await whatProbeSaw()
    const { perSecond, p99 } = await flooding
    return {
      'flood.perSecond': perSecond,
      'flood.p99': p99,
      'flood.me': me.p99,
      'flood.health': health.p99,
      'flood.loop': p99Of(loopDelays),
      'flood.file': p99Of(fileReads),
    }
  }

  return async (seconds: number): Promise<Sample> => ({
    ...(await measureRate(seconds)),
    ...(await measureFlood(Math.max(seconds, 2))),
  })
}

const p99Of = (values: number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    99,
  )

const bareRate = async (seconds: number, folder: string): Promise<number> => {
  const { memoryKib, passes, parallelism } = parameters
  const output = join(folder, `bare-${Date.now()}.log`)
  const { child } = startNode([join(root, 'bench/against/argon2id.mjs')], {
    core: undefined,
    environment: {
      SECONDS: String(seconds),
      PARAMETERS: [memoryKib, passes, parallelism].join(','),
    },
    output,
  })
  await once(child, 'exit')
  return Number(readFileSync(output, 'utf8'))
}
