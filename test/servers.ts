import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unlimited } from './without-limits.js'

const builtHere = fileURLToPath(new URL('../dist/server/cli/main.js', import.meta.url))

/** The built server as a user runs it: a process of its own, in a folder of its own. */
export type TestServer = {
  /** As people and browsers write it; the same after a restart. */
  origin: string
  port: number
  folder: string
  pid(): number
  /** All it has said so far. */
  log(): string
  /** Ends it without warning. The folder stays. */
  kill(): Promise<void>
  /** Tells it to end and waits until it has. The folder stays. */
  end(signal?: 'SIGTERM' | 'SIGINT'): Promise<Ending>
  /** Waits until it has ended by itself. */
  ended(): Promise<Ending>
  /** Starts it again on the same folder and port, after `kill` or `end`; `env` replaces what is named there. */
  restart(env?: Environment): Promise<void>
  /** Ends it, and removes the folder if it was made here. */
  stop(): Promise<void>
}

export type Ending = { code: number | null; signal: NodeJS.Signals | null }
type Environment = Record<string, string>

export type StartOptions = {
  env?: Environment
  /** Where it runs; its database is in `data/` there. Default: a new temporary folder. */
  folder?: string
  /** The user it runs as; only root can choose. */
  uid?: number
  /** The `server/cli/main.js` of another build. */
  main?: string
  /** What Node itself is told. */
  flags?: readonly string[]
  /** false: not waiting until it answers */
  wait?: boolean
}

export const startServer = async (options: StartOptions = {}): Promise<TestServer> => {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'latchkey-test-')))
  const port = await freePort()
  const origin = `http://localhost:${port}`
  let environment = options.env ?? {}
  let said = ''
  let child: ChildProcess
  let gone: Promise<Ending>

  const start = async (): Promise<void> => {
    const command = [options.main ?? builtHere, 'serve', '--port', String(port)]
    child = spawn(process.execPath, [...(options.flags ?? []), ...command], {
      cwd: folder,
      // None of our own variables: vitest itself sets BASE_URL, and whoever runs this may have settings.
      env: { PATH: process.env.PATH, ...unlimited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid !== undefined && { uid: options.uid }),
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk
      })
    }
    gone = once(child, 'exit').then(([code, signal]): Ending => ({ code, signal }))
    if (options.wait === false) return
    const early = gone.then(({ code, signal }) => {
      throw new Error(`The server ended with ${code ?? signal} before it was ready:\n${said}`)
    })
    await Promise.race([isReady(port), early])
    early.catch(() => {})
  }

  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> => {
    child.kill(signal)
    return gone
  }

  await start()
  return {
    origin,
    port,
    folder,
    pid: () => child.pid ?? 0,
    log: () => said,
    kill: async () => {
      await end('SIGKILL')
    },
    end,
    ended: () => gone,
    restart: async (env = {}) => {
      environment = { ...environment, ...env }
      await start()
    },
    stop: async () => {
      await end()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One question at a time, none of them kept alive: a server that is asked to stop has nobody to wait for. */
const isReady = async (port: number): Promise<void> => {
  const url = { host: '127.0.0.1', port, path: '/health/ready', agent: false }
  for (;;) {
    const status = await new Promise((resolve) => {
      const request = get(url, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode))
      })
      request.once('error', resolve)
    })
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}
