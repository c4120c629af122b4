import { version } from '../lib/version.js'
import { withoutPassword } from './effective-settings.js'
import { isDialect, type ServerSettings } from './env.js'
import { secretFileIn } from './root-secret-file.js'
import type { RunningServer } from './server.js'

/** Where everything is, for the banner and the log line. Never holds a credential. */
export type Places = {
  /** On this machine. */
  url: string
  port: number
  /** The public address, in tokens and links. */
  base_url: string
  try_it?: string
  docs?: string
  redoc?: string
  health: string
  /** Not where tokens are signed with a secret that all share. */
  jwks?: string
  /** The contract that is spoken, where it is not ours. */
  profile?: string
  store: string
  /** Where the stand-ins for login providers are, in a demo. */
  demo_providers?: string
  secret_file?: string
  version: string
}

export const placesOf = (
  { auth, port }: Pick<RunningServer, 'auth' | 'port'>,
  settings: ServerSettings,
): Places => {
  const { baseUrl } = auth.options
  const url = `http://${hostName(settings.host)}:${port}`
  const secretFile = secretFileIn(settings)
  return {
    url,
    port,
    base_url: baseUrl,
    ...(settings.docs && {
      try_it: `${baseUrl}/test-login`,
      docs: `${baseUrl}/docs`,
      redoc: `${baseUrl}/redoc`,
    }),
    ...(isDialect(auth.options)
      ? { health: `${url}/health/ready`, profile: auth.options.profile }
      : { health: `${url}/health`, jwks: `${baseUrl}/.well-known/jwks.json` }),
    store: withoutPassword(settings.databaseUrl),
    ...(settings.demoProviders && { demo_providers: settings.demoProviders.origin }),
    ...(secretFile !== undefined && { secret_file: secretFile }),
    version,
  }
}

/** 0.0.0.0 is an address to listen on, none to open. */
const hostName = (host: string): string => {
  if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
