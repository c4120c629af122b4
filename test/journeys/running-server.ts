import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/server/cli/main.js', import.meta.url))

export type RunningServer = { origin: string; stop(): Promise<void> }

/** The built server as a user starts it: a process of its own, in an empty folder. */
export const startServer = async (
  settings: Record<string, string> = {},
): Promise<RunningServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-journey-'))
  const port = await freePort()
  const child = spawn(process.execPath, [main, 'serve', '--port', String(port)], {
    cwd: folder,
    // None of our own variables: vitest itself sets BASE_URL, and whoever runs this may have settings.
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`The server ended with code ${code}:\n${said}`)
  })
  gone.catch(() => {})

  const origin = `http://localhost:${port}`
  await Promise.race([answers(`${origin}/health`), gone])
  const stop = async () => {
    child.kill('SIGTERM')
    await gone.catch(() => {})
    await rm(folder, { recursive: true, force: true })
  }
  return { origin, stop }
}

const answers = async (url: string): Promise<void> => {
  const answer = await fetch(url).catch(() => undefined)
  if (answer?.ok) return
  await new Promise((resolve) => setTimeout(resolve, 50))
  return answers(url)
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
