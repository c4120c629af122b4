import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningServer, readSettings, startServer } from '../../src/server/server.js'
import { newFolder, run } from '../cli/command.js'
import vectors from '../fixtures/hashes/vectors.json' with { type: 'json' }

/** The password of every account that moves, and its hash by one of the real libraries. */
export const password = vectors.password

export const hashBy = (library: string): string => {
  const found = vectors.vectors.find(({ madeBy }) => madeBy === library)
  if (found === undefined || found.password !== password) throw new Error(`No hash by ${library}`)
  return found.hash
}

export type Variables = Readonly<Record<string, string>>

/** A service that has become latchkey: its own settings file with two lines more, and its accounts taken in. */
export type MovedService = {
  server: RunningServer
  /** A request of a client that knows nothing of latchkey. */
  call(path: string, init?: Init): Promise<Answered>
  /** What the trail holds of these kinds, oldest first. */
  trail(...types: string[]): Promise<string[]>
  hashOf(userId: string): Promise<string | null | undefined>
  /** The same service, started again with other settings. */
  again(changes: Variables): Promise<MovedService>
  stop(): Promise<void>
}
type Init = { method?: string; body?: object; bearer?: string; cookie?: string }
type Answered = { status: number; body: Body; cookie: string | undefined }
/** What a client may look for in an answer; the envelope has it in `data`. */
type Body = { access_token?: string; refresh_token?: string; data?: Body }

export const moveIn = async (settings: Variables, from: string): Promise<MovedService> => {
  const folder = newFolder()
  const file = writeSettings(folder, settings)
  const { code, stdout, stderr } = await run(folder, [
    ...['import', '--from', from, '--yes', '--env-file', file],
  ])
  if (code !== 0) throw new Error(`The import ended with ${code}: ${stdout}${stderr}`)
  return startAgain(folder, settings)
}

const writeSettings = (folder: string, settings: Variables): string => {
  const file = join(folder, 'service.env')
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  return file
}

const startAgain = async (folder: string, settings: Variables): Promise<MovedService> => {
  const envFile = writeSettings(folder, settings)
  const environment = { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const server = await startServer(readSettings({ environment, envFile }))
  const { store } = server.auth
  return {
    server,
    call: (path, init) => call(`http://127.0.0.1:${server.port}${path}`, init),
    trail: async (...types) =>
      (await store.events.list({ limit: 1000 }))
        .map(({ type }) => type)
        .filter((type) => types.includes(type)),
    hashOf: async (userId) => (await store.users.find(userId))?.passwordHash,
    again: (changes) => startAgain(folder, { ...settings, ...changes }),
    stop: () => server.stop(),
  }
}

const call = async (
  url: string,
  { method = 'POST', body, bearer, cookie }: Init = {},
): Promise<Answered> => {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(cookie && { cookie: `refresh_token=${cookie}`, 'x-requested-with': 'test' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const [, set] = /^refresh_token=([^;]*)/.exec(answer.headers.getSetCookie().join('\n')) ?? []
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text), cookie: set }
}

export const tomorrow = (): string => dayFromNow(1)
export const yesterday = (): string => dayFromNow(-2)

const dayFromNow = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds
