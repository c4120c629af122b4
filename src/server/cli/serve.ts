import type { Log } from '../../lib/log.js'
import type { WorkerSide } from '../cluster/worker.js'
import { isDialect, type ServerSettings } from '../env.js'
import { type Places, placesOf } from '../places.js'
import { startServer } from '../server.js'
import { readSettings } from '../settings.js'
import { banner } from './banner.js'
import { CliError } from './cli-error.js'
import { createOutput } from './output.js'
import { stopWhenTold } from './stop-when-told.js'
import type { Verb } from './verb.js'

type Options = {
  port?: string
  host?: string
  workers?: string
  demoProviders?: boolean
  /** Said by the primary: which of its workers this process is. */
  worker?: string
}

/** latchkey serve: runs until it is told to stop. */
export const serve: Verb<Options> = async ({ options, envFile, output }) => {
  const overrides = {
    PORT: options.port,
    HOST: options.host,
    WORKERS: options.workers,
    LOG_FORMAT: output.json ? 'json' : undefined,
  }
  const read = () => readSettings({ envFile, overrides })
  if (options.worker !== undefined) return serveAsWorker(options.worker, read)
  const asked = read()
  if (asked.workers > 1) return serveWithWorkers({ settings: asked, readAgain: read }, options)
  const demo = options.demoProviders ? await openDemo(asked) : undefined
  const { settings } = demo ?? { settings: asked }
  const server = await startServer(settings).catch(async (error: unknown) => {
    await demo?.stop()
    throw error
  })
  stopWhenTold(server)
  announce(placesOf(server, settings), settings, server.auth.log)
}

type Reading = { settings: ServerSettings; readAgain(): ServerSettings }

const serveWithWorkers = async (reading: Reading, { demoProviders }: Options): Promise<void> => {
  if (demoProviders)
    throw new CliError(
      'wrong',
      'demo_with_workers',
      '--demo-providers is for a server of one process. Leave out one of --demo-providers and --workers',
    )
  const { servePrimary } = await import('../cluster/primary.js')
  const { settings } = reading
  await servePrimary({
    ...reading,
    announce: (places, log) => announce(places, settings, log),
  })
}

const serveAsWorker = async (place: string, read: () => ServerSettings): Promise<void> => {
  const { createWorkerSide, startOrLetGo } = await import('../cluster/worker.js')
  await startOrLetGo(() => startWorker(createWorkerSide(read(), place)))
}

const startWorker = async ({ settings, shared, ...primary }: WorkerSide): Promise<void> => {
  const server = await startServer(settings, shared)
  const { retire, leave } = stopWhenTold(server, ['SIGTERM', 'SIGINT'])
  process.on('SIGHUP', () => {}) // a terminal tells all of a group; what it means is for the primary to say
  primary.onRetire(retire)
  primary.onAbandoned(() => {
    server.auth.log.error({}, 'the process that started this worker is gone; stopping')
    leave(1)
  })
  primary.listening(placesOf(server, settings))
}

/** @throws CliError where people rely on who somebody says they are */
const openDemo = async (settings: ServerSettings) => {
  if (settings.environment === 'production')
    throw new CliError(
      'wrong',
      'demo_in_production',
      '--demo-providers lets anybody sign in as anybody, so it does not start with ENVIRONMENT=production',
    )
  if (isDialect(settings.auth))
    throw new CliError(
      'wrong',
      'demo_in_dialect',
      `--demo-providers is for the profile native; ${settings.auth.profile} sends no browser to a login provider`,
    )
  const { startDemoProviders } = await import('../demo-providers.js')
  return startDemoProviders(settings)
}

/** For eyes on a terminal a banner, for everything else one log line that says the same. */
const announce = (places: Places, settings: ServerSettings, log: Log): void => {
  const { workers } = settings
  if (process.stdout.isTTY && settings.logFormat === 'pretty') {
    const { paint } = createOutput({ json: false })
    process.stdout.write(banner({ places, settings, seconds: process.uptime(), paint }))
  } else {
    log.info({ ...places, ...(workers > 1 && { workers }) }, 'listening')
  }
}
