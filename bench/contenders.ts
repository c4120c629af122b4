import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { trusted } from '../src/lib/trusted.js'
import { openConnection, postRequest } from './client/connection.js'
import type { Load, Outcome } from './client/load.js'
import { freePort, type Program, root, startNode, untilHealthy } from './processes.js'

/** Who is measured and who measures. */
export type Server = Program & { port: number }

type Place = { folder: string; core: string | undefined }

export const main = join(root, 'dist/server/cli/main.js')

/** All load comes from one address: it is counted, and never too much. */
const highLimits = {
  RATE_LIMIT_REQUESTS: '1000000000',
  RATE_LIMIT_LOGIN: '1000000000',
  RATE_LIMIT_REGISTER: '1000000000',
  RATE_LIMIT_REFRESH: '1000000000',
  LOCK_AFTER_FAILURES: '1000000',
}

/** latchkey as `latchkey serve` runs it in an empty folder: every default but these, the database file on disk unless told otherwise. */
export const startLatchkey = async ({
  folder,
  core,
  environment = {},
  preload,
  words = [],
}: Place & {
  environment?: Readonly<Record<string, string>>
  /** A file of ours loaded into the server before its own code, to which messages go. */
  preload?: string
  /** After `latchkey serve`. */
  words?: readonly string[]
}): Promise<Server> => {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const inside = preload === undefined ? [] : ['--import', join(root, preload)]
  const program = startNode([...inside, main, 'serve', '--port', String(port), ...words], {
    core,
    cwd: folder,
    environment: { ...highLimits, ...environment },
    output: join(folder, 'output.log'),
    talks: preload !== undefined,
  })
  await untilHealthy(port, program)
  return { ...program, port }
}

export const startHello = async ({ folder, core }: Place): Promise<Server> => {
  const port = await freePort()
  const program = startNode([join(root, 'bench/against/hello.mjs')], {
    core,
    environment: { PORT: String(port) },
    output: join(folder, 'hello.log'),
  })
  await untilHealthy(port, program)
  return { ...program, port }
}

export type Generator = { apply(load: Load): Promise<Outcome>; stop(): Promise<void> }

export const startGenerator = async ({ folder, core }: Place): Promise<Generator> => {
  const { child, stop } = startNode(['--import', 'tsx', join(root, 'bench/client/generator.ts')], {
    core,
    output: join(folder, 'generator.log'),
    talks: true,
  })
  await once(child, 'message')
  return {
    apply: async (load) => {
      child.send(load)
      const [outcome] = await once(child, 'message')
      return trusted<Outcome>(outcome)
    },
    stop,
  }
}

export type Person = { email: string; accessToken: string; refreshToken: string }
export const password = 'correct horse battery staple 41'

/** Accounts on a server, each with a session. */
export const registerPeople = async ({ port }: Server, count: number): Promise<Person[]> => {
  const connection = await openConnection(port)
  const people: Person[] = []
  for (let number = 0; number < count; number += 1) {
    const email = `bench-${number}@example.com`
    const { status, body } = await connection.ask(
      postRequest('/auth/register', { email, password }),
    )
    if (status !== 201) throw new Error(`Registration failed: ${status} ${body}`)
    const grant = trusted<{ access_token: string; refresh_token: string }>(JSON.parse(body))
    people.push({ email, accessToken: grant.access_token, refreshToken: grant.refresh_token })
  }
  connection.close()
  return people
}
