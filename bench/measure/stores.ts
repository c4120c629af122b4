import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type StoreName, storeNames } from '../arguments.js'
import { type Generator, startLatchkey } from '../contenders.js'
import type { Sample } from '../sample.js'
import { isThere, openPlace } from '../stores.js'
import { meetPeople } from './people.js'
import { rateOf } from './rate.js'

/** The other stores, as many as are there: me, refresh and login on each in turn. */
export type Stores = {
  found: readonly { name: string; version: string }[]
  absent: readonly string[]
  measure(seconds: number): Promise<Sample>
  stop(): Promise<void>
}

export const prepareStores = async (deps: {
  folder: string
  core: string | undefined
  generator: Generator
}): Promise<Stores> => {
  const others = storeNames.filter((name) => name !== 'sqlite')
  const open = async (name: StoreName) => {
    const place = await openPlace(name)
    const server = await startLatchkey({
      folder: join(deps.folder, name),
      core: deps.core,
      environment: await place.fresh(),
    })
    return { name, place, server, people: await meetPeople(server, deps.generator) }
  }
  const opened: Awaited<ReturnType<typeof open>>[] = []
  for (const name of others.filter(isThere)) opened.push(await open(name))
  return {
    found: opened.map(({ name, place: { version } }) => ({ name, version })),
    absent: others.filter((name) => !isThere(name)),
    measure: async (seconds) => {
      let sample: Sample = {}
      for (const { name, people } of opened) {
        await wait(300) // what the one before has left to write
        sample = {
          ...sample,
          ...rateOf(`${name}.me`, await people.me(seconds)),
          ...rateOf(`${name}.refresh`, await people.refresh(seconds)),
          ...rateOf(`${name}.login`, await people.login(seconds)),
        }
      }
      return sample
    },
    stop: async () => {
      for (const { server, place } of opened) {
        await server.stop()
        await place.stop()
      }
    },
  }
}
