import { styleText } from 'node:util'
import { ConfigurationError } from '../../errors.js'
import type { ServerSettings } from '../env.js'
import { type RunningServer, startServer } from '../server.js'
import { nameVariables, readSettings } from '../settings.js'

type Options = { port?: string; host?: string; envFile?: string }

/** latchkey serve: runs until it is told to stop. */
export const serve = async ({ port, host, envFile }: Options): Promise<void> => {
  try {
    const settings = readSettings({ envFile, overrides: { PORT: port, HOST: host } })
    const server = await startServer(settings)
    announce(server, settings)
    stopOnSignal(server)
  } catch (error) {
    explain(error)
  }
}

const announce = (server: RunningServer, settings: ServerSettings): void => {
  if (!process.stdout.isTTY) {
    server.auth.log.info({ port: server.port, base_url: server.auth.options.baseUrl }, 'listening')
    return
  }
  const base = `http://localhost:${server.port}`
  const line = (name: string, value: string): string =>
    `  ${styleText('dim', name.padEnd(10))} ${value}`
  const pages = settings.docs
    ? [line('try it', `${base}/test-login`), line('docs', `${base}/docs   ${base}/redoc`)]
    : []
  console.log(
    [
      '',
      `  ${styleText(['bold', 'green'], 'latchkey')} is ready`,
      '',
      line('server', base),
      ...pages,
      line('health', `${base}/health`),
      line('keys', `${base}/.well-known/jwks.json`),
      line('store', settings.databaseUrl.replace(/\/\/[^@/]*@/, '//')),
      '',
      `  ${styleText('dim', 'stop with Ctrl+C')}`,
      '',
    ].join('\n'),
  )
}

const crashMilliseconds = 5_000
const forcedMilliseconds = 15_000

const stopOnSignal = (server: RunningServer): void => {
  let stopping = false
  const leave = async (exitCode: number, withinMilliseconds?: number): Promise<void> => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), forcedMilliseconds).unref()
    await server.stop(withinMilliseconds === undefined ? {} : { withinMilliseconds })
    process.exit(exitCode)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => leave(0))

  // What nobody caught leaves nobody sure of what still holds: finish what is under way, and be started anew.
  const crash = (err: unknown): void => {
    server.auth.log.error({ err }, 'something unexpected happened; stopping')
    leave(1, crashMilliseconds).catch(() => process.exit(1))
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}

const explain = (error: unknown): void => {
  if (error instanceof ConfigurationError) {
    const lines = nameVariables(error.mistakes).map(
      ({ option, detail }) => `  ${option}: ${detail}`,
    )
    console.error(['latchkey cannot start; these settings need mending:', ...lines].join('\n'))
    process.exitCode = 2
    return
  }
  throw error
}
