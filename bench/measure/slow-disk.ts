import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createSlowDisk } from '../../test/faults/slow-disk.js'
import type { Generator, Server } from '../contenders.js'
import type { Sample } from '../sample.js'
import { meetPeople } from './people.js'
import { rateOf } from './rate.js'

const syncMilliseconds = 1

/** Where a sync takes a millisecond: 16 clients whose commits share syncs, against one, whose every commit waits for its own. */
export const prepareSlowDisk = async (deps: {
  folder: string
  generator: Generator
  start(name: string, environment: Readonly<Record<string, string>>): Promise<Server>
}) => {
  const dataFolder = (name: string): string => {
    const folder = join(deps.folder, name, 'data')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return realpathSync(folder)
  }
  const [one, many] = ['disk-one', 'disk-many'] as const
  const disk = createSlowDisk(dataFolder(one), syncMilliseconds)
  const { SLOW_DISK_IMAGE: _, ...slow } = disk.env // what it would hold is not asked here
  const person = await meetPeople(await deps.start(one, slow), deps.generator, 1)
  const people = await meetPeople(
    await deps.start(many, { ...slow, SLOW_DISK_FOLDER: dataFolder(many) }),
    deps.generator,
  )
  return {
    measure: async (seconds: number): Promise<Sample> => {
      const alone = await person.refresh(seconds)
      return {
        ...rateOf('disk.one', alone),
        ...rateOf('disk', await people.refresh(seconds), alone),
      }
    },
    stop: async () => disk.close(),
  }
}
