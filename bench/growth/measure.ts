import { getRequest } from '../client/connection.js'
import { type Generator, type Server, startLatchkey } from '../contenders.js'
import type { Filled } from '../filling.js'
import { connections, meetPeople } from '../measure/people.js'
import { type Measured, measureRate, repeat } from '../measure/rate.js'
import type { Sample } from '../sample.js'
import { type Axis, type Deed, placeOf } from './axes.js'

/** One axis: a server for each point, all of them in turn, round after round. */
type Deps = {
  folder: string
  core: string | undefined
  generator: Generator
  filled: Filled
  rounds: number
  seconds: number
  progress(text: string): void
}

export const measureAxis = async (axis: Axis, deps: Deps): Promise<Sample[]> => {
  const { rounds, seconds, progress } = deps
  const sides: Awaited<ReturnType<typeof openPoint>>[] = []
  const samples: Sample[] = []
  try {
    for (const point of axis.points) {
      progress(`${axis.name}: filling ${point}`)
      sides.push(await openPoint(axis, point, deps))
    }
    for (let round = 0; round <= rounds; round += 1) {
      progress(`${axis.name}: ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`)
      // they take turns at being first
      const order = round % 2 === 0 ? sides : sides.toReversed()
      let sample: Sample = {}
      for (const { point, deeds } of order)
        for (const name of axis.deeds)
          sample = { ...sample, [`${name}.${point}`]: costOf(await deeds[name](seconds)) }
      if (round > 0) samples.push(sample)
    }
  } finally {
    await Promise.all(sides.map(({ server }) => server.stop()))
  }
  return samples
}

/** Milliseconds of the server's processor for an answer; of the clock where the system does not tell. */
const costOf = ({ serverCpu, perSecond }: Measured): number =>
  ((serverCpu === 0 ? 1 : serverCpu) / perSecond) * 1000

const openPoint = async (axis: Axis, point: number, deps: Deps) => {
  const place = placeOf(deps.folder, axis.name, point)
  const environment = await deps.filled.place(place.name)
  const start = () => startLatchkey({ folder: place.folder, core: deps.core, environment })
  // people first: what is theirs is filled up, then found by a server that has seen nothing of it
  const server = await start()
  const people = await meetPeople(server, deps.generator)
  await axis.fill(deps.filled, { ...place, environment }, point)
  await server.stop()
  const again = await start()
  people.moveTo(again)
  await people.refresh(0.5)
  return { point, server: again, deeds: deedsOf(again, people, deps.generator) }
}

type Deeds = Record<Deed, (seconds: number) => Promise<Measured>>

const deedsOf = (
  server: Server,
  people: Awaited<ReturnType<typeof meetPeople>>,
  generator: Generator,
): Deeds => {
  const same = (path: string, token?: () => string | undefined) => (seconds: number) => {
    const request = getRequest(path, token?.())
    const scripts = Array.from({ length: connections }, () => repeat(request))
    return measureRate(generator, server, scripts, seconds)
  }
  return {
    me: people.me,
    login: people.login,
    refresh: people.refresh,
    first: async (seconds) => {
      await people.refresh(seconds)
      return people.first()
    },
    list: same('/auth/sessions', people.accessToken),
    jwks: same('/.well-known/jwks.json'),
  }
}
