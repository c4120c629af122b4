import { isDialect, type ServerSettings } from '../env.js'
import { type RunningServer, startServer } from '../server.js'
import { readSettings } from '../settings.js'
import { banner } from './banner.js'
import { CliError } from './cli-error.js'
import { createOutput } from './output.js'
import { placesOf } from './places.js'
import type { Verb } from './verb.js'

type Options = { port?: string; host?: string; demoProviders?: boolean }

/** latchkey serve: runs until it is told to stop. */
export const serve: Verb<Options> = async ({ options, envFile, output }) => {
  const overrides = {
    PORT: options.port,
    HOST: options.host,
    LOG_FORMAT: output.json ? 'json' : undefined,
  }
  const asked = readSettings({ envFile, overrides })
  const demo = options.demoProviders ? await openDemo(asked) : undefined
  const { settings } = demo ?? { settings: asked }
  const server = await startServer(settings).catch(async (error: unknown) => {
    await demo?.stop()
    throw error
  })
  stopWhenTold(server)
  announce(server, settings)
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
const announce = (server: RunningServer, settings: ServerSettings): void => {
  const places = placesOf(server, settings)
  if (process.stdout.isTTY && settings.logFormat === 'pretty') {
    const { paint } = createOutput({ json: false })
    process.stdout.write(banner({ places, settings, seconds: process.uptime(), paint }))
  } else {
    server.auth.log.info(places, 'listening')
  }
}

const crashMilliseconds = 5_000
const forcedMilliseconds = 15_000
/** A process manager may hand on the Ctrl+C that the terminal has sent already: one wish. */
const sameWishMilliseconds = 500

const stopWhenTold = (server: RunningServer): void => {
  let stopping = false
  let toldAt: number | undefined
  const leave = async (exitCode: number, withinMilliseconds?: number): Promise<void> => {
    stopping = true
    if (withinMilliseconds === undefined) await server.leave()
    setTimeout(() => process.exit(1), (withinMilliseconds ?? forcedMilliseconds) + 500).unref()
    await server.stop(withinMilliseconds === undefined ? {} : { withinMilliseconds })
    process.exit(exitCode)
  }
  const tell = (): void => {
    const now = performance.now()
    if (toldAt !== undefined && now - toldAt > sameWishMilliseconds) process.exit(1) // no more patience
    toldAt ??= now
    if (!stopping) leave(0).catch(() => process.exit(1))
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, tell)

  // What nobody caught leaves nobody sure of what still holds: finish what is under way, and be started anew.
  const crash = (err: unknown): void => {
    server.auth.log.error({ err }, 'something unexpected happened; stopping')
    if (stopping) process.exit(1)
    leave(1, crashMilliseconds).catch(() => process.exit(1))
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}
