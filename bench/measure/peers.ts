import { join } from 'node:path'
import type { Server } from '../contenders.js'
import { installPeers } from '../peers/install.js'
import type { Deed, Peer } from '../peers/peer.js'
import { peers } from '../peers/peers.js'
import type { Sample } from '../sample.js'
import { type Contender, peerStations, type Tools } from './peer-stations.js'

/** The peers, one after the other in every round: the same stations as latchkey, on the same cores. */
export type Peers = {
  found: readonly Found[]
  /** Who is left out of this run, and why. */
  absent: readonly { label: string; why: string }[]
  /** One round of all of them. */
  measure(seconds: number): Promise<Sample>
  stop(): Promise<void>
}

type Found = Pick<Peer, 'name' | 'label' | 'hash'> & {
  deeds: readonly Pick<Deed, 'name' | 'what' | 'equals'>[]
}

/** As many as log in or refresh in a flood. */
const people = 32

export const preparePeers = async (tools: Tools): Promise<Peers> => {
  await installPeers(tools.folder, tools.progress)
  const contenders: Contender[] = []
  const absent: { label: string; why: string }[] = []
  for (const peer of peers) {
    const why = peer.missing()
    if (why === undefined)
      await prepare(peer, tools).then(
        (contender) => contenders.push(contender),
        (error: unknown) => absent.push({ label: peer.label, why: reasonOf(error) }),
      )
    else absent.push({ label: peer.label, why })
  }
  for (const { label, why } of absent) tools.progress(`${label} is left out: ${why}`)
  return {
    found: contenders.map(({ peer: { name, label, hash }, pinned: { met } }) => ({
      ...{ name, label, hash },
      deeds: met.deeds,
    })),
    absent,
    measure: async (seconds) => {
      const samples: Sample[] = []
      for (const contender of contenders) samples.push(await measureOne(contender, tools, seconds))
      return Object.assign({}, ...samples)
    },
    stop: async () => {
      const sides = contenders.flatMap(({ pinned, free }) => [pinned, free])
      await Promise.all(sides.flatMap(({ server, met }) => [met.stop(), server.stop()]))
    },
  }
}

const prepare = async (peer: Peer, { folder, core, progress }: Tools): Promise<Contender> => {
  progress(`starting ${peer.label}`)
  const open = async (kind: string, on: string | undefined) => {
    const place = { folder: join(folder, `${peer.name}-${kind}`), core: on }
    const server = await peer.start(place)
    const idle = memoryOf('idle', server)
    try {
      return { server, idle, met: await peer.meet(server, place, people) }
    } catch (error) {
      await server.stop()
      throw error
    }
  }
  const pinned = await open('pinned', core)
  const free = await open('free', undefined)
  return { peer, pinned, free, idle: pinned.idle }
}

/** A station that fails is left out of its round, with a line that says why; the others go on. */
const measureOne = async (contender: Contender, tools: Tools, seconds: number): Promise<Sample> => {
  const { name, label } = contender.peer
  const samples: Sample[] = [contender.idle]
  for (const station of peerStations) {
    tools.progress(`  ${label}: ${station.name}`)
    await station.measure(contender, tools, seconds).then(
      (sample) => samples.push(sample),
      (error: unknown) => tools.progress(`  ${label}, ${station.name} failed: ${reasonOf(error)}`),
    )
  }
  samples.push(memoryOf('load', contender.pinned.server))
  const entries = samples.flatMap((sample) => Object.entries(sample))
  return Object.fromEntries(entries.map(([figure, value]) => [`${name}.${figure}`, value]))
}

const memoryOf = (when: string, server: Server): Sample => {
  const megabytes = server.residentMegabytes()
  return megabytes === undefined ? {} : { [`memory.${when}`]: megabytes }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 120) : 'it is not known why'
