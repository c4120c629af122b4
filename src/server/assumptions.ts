import { deriveKey } from '../lib/derive-key.js'
import type { Dialect } from '../profiles/dialect.js'
import type { ServerSettings } from './env.js'
import { isOnServer, isProduction } from './root-secret-file.js'

/** The settings file of another service is enough: what it could not know is filled in, and warned of at the start. */
export const withAssumptions = (dialect: Dialect, settings: ServerSettings): ServerSettings => {
  const { auth } = settings
  const isForeign = dialect.name !== 'native'
  const secret = isForeign && auth.secret === undefined ? secretFor(settings) : undefined
  const isBaseAssumed = isForeign && auth.baseUrl === undefined && isProduction(settings)
  const assumed = [
    ...(isBaseAssumed ? ['base_url' as const] : []),
    ...(secret === undefined ? [] : ['root_secret' as const]),
  ]
  const baseUrl =
    auth.baseUrl ??
    (settings.port === 0 ? undefined : baseUrlAt(settings.port, { ...settings, assumed }))
  return {
    ...settings,
    auth: { ...auth, ...(baseUrl !== undefined && { baseUrl }), ...(secret && { secret }) },
    ...(assumed.length > 0 && { assumed }),
  }
}

/** Where nobody said more than the port. In production cookies are for https only, whatever the public address is. */
export const baseUrlAt = (
  port: number | string,
  { assumed }: Pick<ServerSettings, 'assumed'>,
): string => `${assumed?.includes('base_url') ? 'https' : 'http'}://localhost:${port}`

/**
 * The root secret where the database is on a server, which must not hold it: all instances have the secret of the tokens,
 * and nothing else, in common. Whoever knows that could make refresh tokens, too.
 */
const secretFor = (settings: ServerSettings): string | undefined => {
  const { secret } = settings.auth.tokens ?? {}
  if (secret === undefined || !isOnServer(settings)) return undefined
  return deriveKey(secret, 'root secret of a service without one').toString('hex')
}
