import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { isatty } from 'node:tty'
import { ConfigurationError } from '../../errors.js'
import type { Log } from '../../lib/log.js'
import type { ServerSettings } from '../env.js'
import { createLog } from '../log.js'
import type { Places } from '../places.js'
import { type Crew, createCrew, type Ending } from './crew.js'
import { placeText } from './messages.js'

type Deps = {
  settings: ServerSettings
  /** As they are now: a restart of the workers reads them anew. @throws ConfigurationError */
  readAgain(): ServerSettings
  /** Says where the server is, once all workers serve. */
  announce(places: Places, log: Log): void
}

/** The primary serves nobody: it starts the workers, hands them connections, and replaces who ends. */
export const servePrimary = async ({ settings, readAgain, announce }: Deps): Promise<void> => {
  const log = await createLog(settings)
  const port = settings.port === 0 ? ['--port', String(await freePort(settings.host))] : []
  const words = [...process.argv.slice(2), ...port]
  const crew = createCrew({
    log,
    fork: (place) => {
      cluster.setupPrimary({ args: [...words, '--worker', placeText(place)] })
      return cluster.fork()
    },
  })
  stopWhenTold(crew, settings)
  renewWhenTold(crew, { readAgain, log })
  const outcome = await crew.open(settings.workers)
  if ('code' in outcome) process.exit(outcome.code) // it has said why itself
  announce(outcome, log)
}

/** The same for all of them, also when each of them has ended for a moment. */
const freePort = async (host: string): Promise<number> => {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Workers end by force after 15 s themselves. */
const forcedMilliseconds = 17_000
/** A process manager may hand on the Ctrl+C that the terminal has sent already: one wish. */
const sameWishMilliseconds = 500

const stopWhenTold = (crew: Crew, { shutdownDelay }: ServerSettings): void => {
  let toldAt: number | undefined
  const force = (): void => {
    crew.tell('SIGKILL')
    process.exit(1)
  }
  const tell = async (): Promise<void> => {
    const now = performance.now()
    if (toldAt !== undefined) return now - toldAt > sameWishMilliseconds ? force() : undefined
    toldAt = now
    const ended = crew.ended()
    crew.tell('SIGTERM')
    setTimeout(force, shutdownDelay * 1_000 + forcedMilliseconds).unref()
    process.exit(exitCodeOf(await ended))
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, tell)
  const hadTerminal = isatty(0)
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(0)) void tell() // it was closed, and nobody asks for a restart
  })
}

const exitCodeOf = (endings: readonly Ending[]): number =>
  endings.every(({ code, signal }) => code === 0 || signal === 'SIGTERM') ? 0 : 1

const renewWhenTold = (
  crew: Crew,
  { readAgain, log }: Pick<Deps, 'readAgain'> & { log: Log },
): void => {
  let wishes = 0
  const renew = async (): Promise<void> => {
    wishes += 1
    if (wishes > 1) return
    while (wishes > 0) {
      const heard = wishes
      await renewOnce(crew, { readAgain, log })
      wishes -= heard // who asked meanwhile wants what was changed meanwhile
    }
  }
  process.on('SIGHUP', renew)
}

const renewOnce = async (
  crew: Crew,
  { readAgain, log }: Pick<Deps, 'readAgain'> & { log: Log },
): Promise<void> => {
  try {
    const { workers } = readAgain()
    log.info({ workers }, 'the workers are restarted one after the other')
    if (await crew.renew(workers)) log.info({ workers }, 'the workers were restarted')
    else log.error({}, 'a new worker could not start: those that serve go on as they are')
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const { option, detail } of error.mistakes)
      log.error({}, `the workers go on as they are: ${option} ${detail}`)
  }
}
