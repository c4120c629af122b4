import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listen } from './hosts.js'

/** An example as its README starts it, in an empty folder of its own. */
export type Example = { url: string; stop(): Promise<void> }

const main = (name: string) =>
  fileURLToPath(new URL(`../../examples/${name}/main.ts`, import.meta.url))
const tsx = import.meta.resolve('tsx')

const launch = (name: string, folder: string, settings: Record<string, string>): ChildProcess =>
  spawn(process.execPath, ['--import', tsx, main(name)], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', ...settings },
    stdio: 'pipe',
  })

const textOf = (child: ChildProcess) => {
  let text = ''
  const add = (part: Buffer) => {
    text += part.toString()
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
  })

/** Runs an example that ends by itself. */
export const runExample = async (name: string): Promise<{ code: number | null; text: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-example-'))
  const child = launch(name, folder, {})
  const text = textOf(child)
  const code = await ended(child)
  rmSync(folder, { recursive: true })
  return { code, text: text() }
}

/** Starts an example that serves, and waits until it says where. */
export const startExample = async (
  name: string,
  settings: Record<string, string> = {},
): Promise<Example> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-example-'))
  const port = await freePort()
  const child = launch(name, folder, { PORT: String(port), ...settings })
  const text = textOf(child)
  const end = ended(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => text().includes('listening on') && resolve())
    void end.then((code) => reject(new Error(`${name} ended with ${code}: ${text()}`)))
  })
  const stop = async () => {
    child.kill()
    await end
    rmSync(folder, { recursive: true })
  }
  return { url: `http://localhost:${port}`, stop }
}

const freePort = async (): Promise<number> => {
  const { port, close } = await listen(createServer())
  await close()
  return port
}
