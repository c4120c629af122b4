import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { getRequest, openConnection } from './client/connection.js'

/** The processes of a run: started, kept to their cores, watched from outside, ended. */
export const root = fileURLToPath(new URL('..', import.meta.url))

export type Program = {
  child: ChildProcess
  /** Seconds of processor time that it and what it started have used so far; 0 where the system does not tell. */
  cpuSeconds(): number
  /** Memory that it and what it started really occupy; undefined where the system does not tell. */
  residentMegabytes(): number | undefined
  stop(): Promise<void>
}

type Start = {
  /** Run on this core only. */
  core: string | undefined
  cwd?: string
  environment?: Readonly<Record<string, string>>
  /** File for what the program prints. */
  output: string
  /** Whether messages go to and fro. */
  talks?: boolean
}

const pinning = 'taskset' // of util-linux; without it nothing is kept to a core

/** Starts Node. Settings of whoever runs the benchmark stay outside. */
export const startNode = (words: readonly string[], start: Start): Program =>
  startPinned([process.execPath, ...words], start)

/** Starts any program, on its core where it has one. */
export const startPinned = (command: readonly string[], start: Start): Program =>
  startProgram(start.core ? [pinning, '-c', start.core, ...command] : command, start)

export const startProgram = (command: readonly string[], start: Start): Program => {
  const output = openSync(start.output, 'a')
  const [file = '', ...words] = command
  const child = spawn(file, words, {
    cwd: start.cwd ?? root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...start.environment },
    stdio: ['ignore', output, output, ...(start.talks ? (['ipc'] as const) : [])],
    detached: true,
  })
  const exited = once(child, 'exit')
  running.add(child)
  child.once('exit', () => running.delete(child))
  return {
    child,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    residentMegabytes: () => residentMegabytesOf(child.pid),
    stop: async () => {
      endGroup(child)
      await exited
    },
  }
}

const running = new Set<ChildProcess>()

/** npm starts the server as its child; both stand in one process group. */
const endGroup = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM')
}

/** Nothing is left behind, however the run ends. */
process.once('exit', () => {
  for (const child of running) endGroup(child)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

/** Resolves as soon as GET /health is answered with 200. */
export const untilHealthy = async (port: number, { child }: Program): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ended with code ${child.exitCode}`)
    if ((await statusOf(port, '/health')) === 200) return
    await wait(3)
  }
}

const statusOf = async (port: number, path: string): Promise<number> => {
  const connection = await openConnection(port).catch(() => undefined)
  if (connection === undefined) return 0
  const { status } = await connection.ask(getRequest(path))
  connection.close()
  return status
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A core for the server and another for the generator, or none of both where they cannot be had. */
export const chooseCores = (): { server: string | undefined; generator: string | undefined } => {
  const [server, generator] = allowedCores()
  const pins = spawnSync(pinning, ['--version']).status === 0
  return pins && generator !== undefined
    ? { server, generator }
    : { server: undefined, generator: undefined }
}

/** Such as '0-3,8' in the words of the kernel. */
const allowedCores = (): string[] => {
  const [, list = ''] = /Cpus_allowed_list:\t(.*)/.exec(readSystem('/proc/self/status')) ?? []
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, offset) => String(first + offset))
  })
}

/** The process and what it started, as far as that lives. */
const familyOf = (pid: number | undefined): number[] => {
  if (pid === undefined) return []
  const children = readSystem(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))]
}

const cpuSecondsOf = (first: number | undefined): number =>
  familyOf(first).reduce((sum, pid) => {
    const [, fields = ''] = readSystem(`/proc/${pid}/stat`).split(') ')
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
    return sum + (user + system) / 100 // Linux counts in hundredths of a second, whatever its own clock does
  }, 0)

const residentMegabytesOf = (first: number | undefined): number | undefined => {
  const sizes = familyOf(first).flatMap((pid) => {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readSystem(`/proc/${pid}/status`)) ?? []
    return kilobytes === undefined ? [] : Number(kilobytes) / 1024
  })
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0)
}

/** What the Linux kernel says, or nothing elsewhere. */
const readSystem = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
