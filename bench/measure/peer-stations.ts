import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Generator, Server } from '../contenders.js'
import type { Deed, Met, Peer } from '../peers/peer.js'
import type { Sample } from '../sample.js'
import { measureRate, rateOf } from './rate.js'

/** What is measured of a peer, in the order of a round. Names of figures get the peer's name before them. */
type Station = {
  name: string
  measure(contender: Contender, tools: Tools, seconds: number): Promise<Sample>
}

export type Tools = {
  folder: string
  /** Of the servers, where rates are measured. Logins have all cores. */
  core: string | undefined
  generator: Generator
  bystander: Generator
  progress(text: string): void
}

/** One that runs: pinned for rates, free for logins. */
export type Contender = { peer: Peer; pinned: Side; free: Side; idle: Sample }
type Side = { server: Server; met: Met }

const connections = 16
const steady = 8
/** Side figures and floods need less time, and slow peers need long to answer all of a flood. */
const shortly = (seconds: number) => Math.min(seconds, 2)

const rates: Station = {
  name: 'rates',
  measure: async ({ pinned: { met } }, { generator }, seconds) => {
    const samples: Sample[] = []
    for (const deed of met.deeds) {
      const scripts = (await deed.scripts()).slice(0, connections)
      const length = deed.equals === undefined ? shortly(seconds) : seconds
      const measured = await measureRate(remembering(generator, deed), deed.server, scripts, length)
      samples.push(rateOf(deed.name, measured))
    }
    return Object.assign({}, ...samples)
  },
}

/** Tokens have moved on, whether the measurement counts or not. */
const remembering = ({ apply, stop }: Generator, deed: Deed): Generator => ({
  stop,
  apply: async (load) => {
    const outcome = await apply(load)
    deed.remember(outcome)
    return outcome
  },
})

const logins: Station = {
  name: 'logins',
  measure: async ({ peer, free: { server, met } }, { generator, folder }, seconds) => {
    const bare = await peer.bareHashRate(shortly(seconds), folder)
    const login = await measureRate(generator, server, met.logins.slice(0, steady), seconds)
    return {
      'bare.perSecond': bare,
      ...rateOf('login', login),
      'login.ratio': login.perSecond / bare,
    }
  },
}

const loginFlood: Station = {
  name: 'login flood',
  measure: async ({ free: { server, met } }, { generator, bystander }, seconds) => {
    const reader = met.deeds[0]?.reader()
    if (reader === undefined) return {}
    const flooding = generator.apply({
      port: server.port,
      scripts: met.logins,
      seconds: shortly(seconds),
    })
    await wait(250) // until the queue stands
    const me = await bystander.apply({
      port: server.port,
      scripts: Array.from({ length: 4 }, () => reader),
      seconds: shortly(seconds),
      pauseMilliseconds: 5,
    })
    await flooding
    return { 'flood.me': me.p99 }
  },
}

const refreshFlood: Station = {
  name: 'refresh flood',
  measure: async ({ pinned: { met } }, { generator, bystander }, seconds) => {
    const deed = met.deeds.find(({ equals }) => equals === 'refresh')
    if (deed === undefined) return {}
    const { port } = deed.server
    const [flood, me] = await Promise.all([
      generator.apply({ port, scripts: await deed.scripts(), seconds: shortly(seconds) }),
      bystander.apply({
        port,
        scripts: Array.from({ length: 4 }, () => deed.reader()),
        seconds: shortly(seconds),
        pauseMilliseconds: 5,
      }),
    ])
    deed.remember(flood)
    return { 'refreshFlood.me': me.p99, 'refreshFlood.perSecond': flood.perSecond }
  },
}

/** To the first 200, with the database there already, as latchkey's. */
const startUp: Station = {
  name: 'start-up',
  measure: async ({ peer }, { folder }) => {
    const place = { folder: join(folder, `${peer.name}-free`), core: undefined }
    const startedAt = performance.now()
    const server = await peer.start(place)
    const milliseconds = performance.now() - startedAt
    await server.stop()
    return { start: milliseconds }
  },
}

export const peerStations: readonly Station[] = [rates, logins, loginFlood, refreshFlood, startUp]
