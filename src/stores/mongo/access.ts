import type { Db, MongoClient } from 'mongodb'
import { AuthError } from '../../errors.js'
import type { Admission } from '../admission.js'
import { unavailable } from './faults.js'
import { onHang } from './hang.js'
import { type Command, createLine, type Line } from './line.js'

/** A verb is told yes, no or store_unavailable within this. */
const patienceMilliseconds = 4500

/** How the ports reach the database: directly, or inside a transaction. */
export type Access = {
  /** Inside a transaction no command may fail and the rest go on: a server ends the whole of it. */
  isInTransaction: boolean
  run<Result>(command: Command<Result>): Promise<Result>
  /** Runs a command that stays whatever becomes of the transaction. */
  runOutside<Result>(command: Command<Result>): Promise<Result>
}

export type Connection = ReturnType<typeof createConnection>

/** The way to a server or to a set of them: one line, and a new one when the driver of the old has got stuck. */
export const createConnection = (open: () => { client: MongoClient; db: Db }) => {
  const watches = new Map<Line, () => void>()
  const close = async (line: Line): Promise<void> => {
    watches.get(line)?.()
    watches.delete(line)
    await line.close()
  }
  const openLine = (): Line => {
    const line = createLine(open())
    const replace = (): void => {
      current = openLine()
      // what is under way on the old one may still come to its end
      setTimeout(() => close(line).catch(() => undefined), patienceMilliseconds).unref()
    }
    watches.set(line, onHang(line.client, replace))
    return line
  }
  let current = openLine()

  const runDirectly: Access['run'] = (command) =>
    within(current.run(command), deadline()).catch((error: unknown) => {
      throw unavailable(error)
    })
  const direct: Access = {
    isInTransaction: false,
    run: runDirectly,
    runOutside: runDirectly,
  }

  return {
    direct,
    /** The one of now: what belongs together asks for it once. */
    line: () => current,
    close: async (): Promise<void> => {
      await Promise.all([...watches.keys()].map(close))
    },
  }
}

/** The same for requests, of which no more wait for a connection than may. */
export const bounded = (access: Access, admit: Admission): Access => ({
  ...access,
  run: (command) => admit(() => access.run(command)),
  runOutside: (command) => admit(() => access.runOutside(command)),
})

export const deadline = (): number => performance.now() + patienceMilliseconds

/** What the promise brings, or store_unavailable when the time has come. */
export const within = async <Result>(promise: Promise<Result>, until: number): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AuthError('store_unavailable', { cause: new Error('No answer in time') })),
      Math.max(0, until - performance.now()),
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
