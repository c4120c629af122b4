import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { trusted } from '../src/lib/trusted.js'
import { readStore, storeNames } from './arguments.js'
import { type Server, startGenerator, startLatchkey } from './contenders.js'
import { meetPeople } from './measure/people.js'
import { chooseCores, root } from './processes.js'
import { flameGraph } from './profile/flame-graph.js'
import { type CpuProfile, createLocate, framesOf } from './profile/frames.js'
import { selfTimesOf, selfTimeTable } from './profile/self-time.js'
import { openPlace } from './stores.js'

/** `npm run bench -- --profile`: where the server's main thread spends its time, as a table and a flame graph. */
const stations = ['me', 'first', 'refresh', 'login'] as const
type Station = (typeof stations)[number]

const usage = `Usage: npm run bench -- --profile [station] [options]
  station        ${stations.join(', ')}: all of them when none is named
  --seconds <n>  how long is recorded, 5 when nothing is said
  --store <name> ${storeNames.join(', ')}

Writes bench/profiles/<station>.cpuprofile, which Chrome's developer tools open, and <station>.svg beside it.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'boolean' },
    seconds: { type: 'string', default: '5' },
    store: { type: 'string', default: 'sqlite' },
    help: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const wanted =
  positionals.length === 0 ? stations : stations.filter((name) => positionals.includes(name))

const results = join(root, 'bench/profiles')

const record = async (
  server: Server,
  file: string,
  work: () => Promise<unknown>,
): Promise<void> => {
  const tell = async (message: object) => {
    server.child.send(message)
    await once(server.child, 'message')
  }
  await tell({})
  await work()
  await tell({ file })
}

const profileAll = async (): Promise<void> => {
  mkdirSync(results, { recursive: true })
  const data = join(root, 'data')
  mkdirSync(data, { recursive: true })
  const folder = mkdtempSync(join(data, 'profile-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const database = await openPlace(readStore(values.store))
  const cores = chooseCores()
  const generator = await startGenerator({ folder, core: cores.generator })
  const server = await startLatchkey({
    folder: join(folder, 'server'),
    core: cores.server,
    environment: await database.fresh(),
    preload: 'bench/against/profiler.mjs',
  })
  const people = await meetPeople(server, generator)

  /** Runs warm code for a while, then says what is to be recorded. */
  const prepare: Record<Station, () => Promise<() => Promise<unknown>>> = {
    me: async () => {
      await people.me(2)
      return () => people.me(seconds)
    },
    first: async () => {
      await people.refresh(2)
      await people.first()
      await people.refresh(seconds)
      return people.first
    },
    refresh: async () => {
      await people.refresh(2)
      return () => people.refresh(seconds)
    },
    login: async () => {
      await people.login(1)
      return () => people.login(seconds)
    },
  }

  const locate = createLocate(root)
  for (const station of wanted) {
    const work = await prepare[station]()
    const file = join(results, `${station}.cpuprofile`)
    await record(server, file, work)
    const frames = framesOf(trusted<CpuProfile>(JSON.parse(readFileSync(file, 'utf8'))), locate)
    writeFileSync(join(results, `${station}.svg`), flameGraph(frames, `latchkey: ${station}`))
    console.log(
      `\n${station} (bench/profiles/${station}.svg)\n${selfTimeTable(selfTimesOf(frames))}`,
    )
  }
  await Promise.all([generator.stop(), server.stop()])
  await database.stop()
}

if (values.help || wanted.length < positionals.length || !(seconds > 0 && seconds <= 600)) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else await profileAll()
