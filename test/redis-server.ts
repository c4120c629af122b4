import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A Redis server of a test's own, to be treated well and badly. Its data lives in a folder that ends with it. */
export type RedisServer = {
  url: string
  port: number
  folder: string
  /** Starts it again after `end`, on the same data. */
  start(): Promise<void>
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Freezes it: connections stay open and are never answered. */
  pause(): void
  resume(): void
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** What is expected of a server that keeps sessions. */
export const lasting = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'] as const

export const canStartRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
})()

/** @param words as on the command line of redis-server; PORT stands for the port */
export const startRedis = async (words: readonly string[] = lasting): Promise<RedisServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'))
  const port = await freePort()
  const line = ['--port', 'PORT', '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...words]
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    let said = ''
    const started = spawn(
      'redis-server',
      line.map((word) => word.replace('PORT', String(port))),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    started.stdout.on('data', (chunk) => {
      said += chunk
    })
    child = started
    running.add(started)
    started.once('exit', () => running.delete(started))
    while (!(await answers(port))) {
      if (started.exitCode !== null) throw new Error(`redis-server did not start:\n${said}`)
      await wait(10)
    }
  }
  const end: RedisServer['end'] = async (signal = 'SIGTERM') => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGCONT') // who is frozen hears nothing
    child.kill(signal)
    await gone
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    start,
    end,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    remove: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const running = new Set<ChildProcess>()

// no server outlives the process that started it
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}
