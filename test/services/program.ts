import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A server program that can be treated well and badly. */
export type Program = {
  /** Starts it, again if need be, and waits until it answers. */
  start(): Promise<void>
  /** Ends it: `fast` as an operator would, `immediate` as quickly as it can itself. What it has written stays. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  /** `kill -9`, all of its processes. What it has written stays. */
  kill(): Promise<void>
  /** Freezes all of its processes: connections stay open and are never answered. */
  pause(): void
  resume(): void
  /** All of its processes that live. */
  pids(): number[]
}

type Plan = {
  command: readonly [string, ...string[]]
  folder: string
  /** Rejects for as long as the server does not answer. */
  ask(): Promise<unknown>
  signals: Record<'fast' | 'immediate', NodeJS.Signals>
}

const startMs = 60_000
const stopMs = 15_000

export const createProgram = ({ command, folder, ask, signals }: Plan): Program => {
  const log = join(folder, 'log')
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const started = spawnInto(log, command)
    child = started
    killAtExit(started)
    const lastMoment = Date.now() + startMs
    for (;;) {
      const refusal = await ask().then(() => undefined, String)
      if (refusal === undefined) return
      const isLate = Date.now() > lastMoment
      if (hasEnded(started) || isLate) {
        await end('SIGKILL')
        throw new Error(`${command.join(' ')} did not start: ${refusal}\n${lastWords(log)}`)
      }
      await wait(20)
    }
  }

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || hasEnded(child)) return
    const gone = once(child, 'exit')
    const family = familyOf(child)
    if (signal === 'SIGKILL') send(family, 'SIGKILL')
    else {
      send(family, 'SIGCONT') // who is frozen hears nothing
      child.kill(signal)
    }
    const late = setTimeout(() => send(family, 'SIGKILL'), stopMs)
    await gone
    clearTimeout(late)
    // children of a killed server hold its memory for a moment longer, and the next start would trip over it
    while (family.some(isAlive)) await wait(5)
  }

  return {
    start,
    stop: (how) => end(signals[how]),
    kill: () => end('SIGKILL'),
    pause: () => child && send(familyOf(child), 'SIGSTOP'),
    resume: () => child && send(familyOf(child).reverse(), 'SIGCONT'),
    pids: () => (child === undefined ? [] : familyOf(child).filter(isAlive)),
  }
}

/** Runs a program to its end. */
export const runToEnd = async ([program, ...args]: readonly [
  string,
  ...string[],
]): Promise<string> =>
  (await promisify(execFile)(program, args, { timeout: startMs, cwd: '/' })).stdout

const spawnInto = (log: string, [program, ...args]: readonly [string, ...string[]]) => {
  const file = openSync(log, 'a')
  // a group of its own: Ctrl-C on the terminal is for us, and we end our servers in order
  const child = spawn(program, args, { cwd: '/', detached: true, stdio: ['ignore', file, file] })
  closeSync(file)
  child.unref() // who forgot to stop it may end all the same, and it ends then too
  child.on('error', () => {}) // a program that is not there shows as one that has ended
  return child
}

const hasEnded = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid === undefined || exitCode !== null || signalCode !== null

const lastWords = (log: string): string =>
  existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-15).join('\n') : ''

/** A process and its children; those of PostgreSQL, one a connection, belong to no common group. */
const familyOf = ({ pid }: ChildProcess): number[] => {
  if (pid === undefined) return []
  if (!existsSync('/proc/self/stat')) return [pid]
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statusOf(Number(name))?.parent === pid)
  return [pid, ...children.map(Number)]
}

const isAlive = (pid: number): boolean => {
  const status = statusOf(pid)
  return status !== undefined && status.state !== 'Z'
}

const statusOf = (pid: number): { state: string; parent: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the name, in brackets, may hold anything
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

const send = (family: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of family) {
    try {
      process.kill(pid, signal)
    } catch {
      // gone already
    }
  }
}

const running = new Set<ChildProcess>()
let isWatching = false

/** No server outlives the process that started it, however that ends. */
const killAtExit = (child: ChildProcess): void => {
  if (!isWatching) {
    process.prependOnceListener('exit', killAll) // before their folders are removed
    // a process of vitest stays behind with its test when vitest itself is killed
    process.once('disconnect', () => process.exit(1))
  }
  isWatching = true
  running.add(child)
  child.once('exit', () => running.delete(child))
}

/** Ends all that this process has started, at once. */
export const killAll = (): void => {
  for (const child of running) send(familyOf(child), 'SIGKILL')
}
