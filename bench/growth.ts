import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { getRequest, postRequest } from './client/connection.js'
import type { Script } from './client/scripts.js'
import {
  password,
  registerPeople,
  type Server,
  startGenerator,
  startLatchkey,
} from './contenders.js'
import { type Filling, openFilled } from './filling.js'
import { chooseCores, root } from './processes.js'
import { figuresOf, type Sample } from './sample.js'

/** `npm run bench:growth`: what a million users and five million sessions cost, beside an empty database in the same run. */
const connections = 16
const kinds = ['login', 'refresh', 'me'] as const

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    users: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
  },
})
const filling: Filling = { users: Number(values.users), sessions: Number(values.users) * 5 }

const data = join(root, 'data')
mkdirSync(data, { recursive: true })
const folder = mkdtempSync(join(data, 'growth-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const progress = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const cores = chooseCores()
const database = await openFilled(values.store === 'postgres' ? 'postgres' : 'sqlite', folder)
const generator = await startGenerator({ folder, core: cores.generator })

const open = async (name: string) => {
  const place = { folder: join(folder, name), core: cores.server }
  const settings = await database.place(name)
  const server = await startLatchkey({ ...place, environment: settings })
  const people = await registerPeople(server, connections)
  return { server, people }
}
const empty = await open('empty')
progress(`filling: ${filling.users} users, ${filling.sessions} sessions`)
const started = performance.now()
const full = await open('full')
await database.fill('full', filling)
progress(`filled in ${Math.round((performance.now() - started) / 1000)} s`)

type Side = Awaited<ReturnType<typeof open>>

const measure = async (side: Side, seconds: number): Promise<Sample> => {
  const { server, people } = side
  const apply = async (scripts: readonly Script[]) => {
    const outcome = await generator.apply({ port: server.port, scripts, seconds })
    if (outcome.failures > 0) throw new Error(`answers failed: ${outcome.failure}`)
    return outcome
  }
  const login = await apply(
    people.map(({ email }) => repeat(postRequest('/auth/login', { email, password }))),
  )
  const refresh = await apply(
    people.map(({ refreshToken }) => ({ kind: 'refresh', token: refreshToken })),
  )
  for (const [index, person] of people.entries())
    person.refreshToken = refresh.left[index] ?? person.refreshToken
  // each token once: every session and user is looked up, none remembered
  const me = await generator.apply({
    port: server.port,
    scripts: dealOut(refresh.accessTokens),
    seconds: 60,
  })
  return { login: login.perSecond, refresh: refresh.perSecond, me: me.perSecond }
}

const repeat = (request: string): Script => ({ kind: 'repeat', request })
const dealOut = (tokens: readonly string[]): Script[] =>
  Array.from({ length: connections }, (_, place) => ({
    kind: 'list',
    requests: tokens
      .filter((_token, index) => index % connections === place)
      .map((token) => getRequest('/auth/me', token)),
  }))

const samples: Sample[] = []
for (let round = 0; round <= Number(values.rounds); round += 1) {
  progress(round === 0 ? 'warming up' : `round ${round} of ${values.rounds}`)
  await wait(500)
  // the two take turns at being first
  const order = round % 2 === 0 ? [empty, full] : [full, empty]
  const measured = new Map<Side, Sample>()
  for (const side of order) measured.set(side, await measure(side, Number(values.seconds)))
  if (round === 0) continue
  const [before, after] = [measured.get(empty) ?? {}, measured.get(full) ?? {}]
  samples.push(
    Object.fromEntries(
      kinds.flatMap((kind) => [
        [`${kind}.empty`, before[kind] ?? Number.NaN],
        [`${kind}.full`, after[kind] ?? Number.NaN],
        [`${kind}.ratio`, (after[kind] ?? Number.NaN) / (before[kind] ?? Number.NaN)],
      ]),
    ),
  )
}

const figures = figuresOf(samples)
const line = (kind: string) => {
  const [before, after, ratio] = [`${kind}.empty`, `${kind}.full`, `${kind}.ratio`].map(figures)
  return `${kind.padEnd(8)}  empty ${Math.round(before?.median ?? 0)}/s  full ${Math.round(after?.median ?? 0)}/s  ratio ${ratio?.median.toFixed(2)} (${ratio?.lowest.toFixed(2)}–${ratio?.highest.toFixed(2)})`
}
console.log(`${database.version}: ${filling.users} users, ${filling.sessions} sessions`)
console.log(kinds.map(line).join('\n'))
writeFileSync(
  join(root, `bench/growth-${values.store}.json`),
  `${JSON.stringify({ store: database.version, ...filling, samples }, undefined, 2)}\n`,
)
const stop = ({ server }: { server: Server }) => server.stop()
await Promise.all([generator.stop(), stop(empty), stop(full)])
await database.stop()
