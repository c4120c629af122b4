import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unlimited } from '../without-limits.js'

/** The built server in a process of its own, everything it says kept, at the most talkative level. */
export type ServerProcess = {
  port: number
  folder: string
  said(): string
  /** Whether it still lives. */
  isAlive(): boolean
  stop(): Promise<number | null>
}

const main = fileURLToPath(new URL('../../dist/server/cli/main.js', import.meta.url))

type Settings = Readonly<Record<string, string>>

const spawnServer = (settings: Settings, folder: string): ChildProcess & { said(): string } => {
  const child = spawn(process.execPath, [main, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      ...unlimited,
      PORT: '0',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => child.kill('SIGKILL')) // also when a test has failed before it could stop it
  let said = ''
  const keep = (chunk: Buffer): void => {
    said += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return Object.assign(child, { said: () => said })
}

export const startProcess = async (settings: Settings = {}): Promise<ServerProcess> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-attack-'))
  const child = spawnServer(settings, folder)
  const port = await portOf(child)
  return {
    port,
    folder,
    said: child.said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
      return child.exitCode
    },
  }
}

/** Starts a server that ought to refuse to start. */
export const startRefused = async (
  settings: Settings,
): Promise<{ code: number | null; said: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-attack-'))
  const child = spawnServer(settings, folder)
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await once(child, 'close')
  clearTimeout(late)
  rmSync(folder, { recursive: true, force: true })
  return { code: child.exitCode, said: child.said() }
}

const portOf = async (child: ChildProcess & { said(): string }): Promise<number> => {
  for (let tries = 0; tries < 600; tries += 1) {
    const [, port] = /"port":(\d+)/.exec(child.said()) ?? []
    if (port !== undefined) return Number(port)
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`The server did not start:\n${child.said()}`)
}
