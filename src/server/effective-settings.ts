import { readOptionsWithoutStore } from '../options.js'
import { baseUrlAt } from './assumptions.js'
import type { Setting } from './setting.js'
import type { Inspection } from './settings.js'
import type { Origin } from './variables.js'

/**
 * Which value counts for each setting, and where it came from. Secrets are never shown. `as` says what somebody called
 * it, where that is another name.
 */
export type Effective = {
  setting: string
  value: string | null
  from: Origin | 'default'
  as?: string
}

export const effectiveSettings = (inspection: Inspection): Effective[] => {
  const { settings, origins, table } = inspection
  const shown = shownValues(inspection)
  return table.map(({ variable, option, secret }) => {
    const from: Effective['from'] = origins.get(variable) ?? 'default'
    const as = settings.writtenAs?.[variable]
    const origin = { from, ...(as !== undefined && { as }) }
    const value = shown.get(option)
    if (databases.has(variable))
      return { setting: variable, value: withoutPassword(value) || null, ...origin }
    if (secret)
      return { setting: variable, value: from === 'default' ? null : '********', ...origin }
    return {
      setting: variable,
      value: value === undefined || value === '' ? null : value,
      ...origin,
    }
  })
}

const databases = new Set(['DATABASE_URL', 'LEGACY_DATABASE_URL'])

/** A database URL that may be shown. */
export const withoutPassword = (url = ''): string => url.replace(/\/\/.*@/s, '//********@')

/** Every option by its path, with the defaults that `createAuth` would fill in, as somebody would write it. */
const shownValues = ({ settings, values, table }: Inspection): ReadonlyMap<string, string> => {
  const { auth, ...server } = settings
  const { tokens, ...options } = readOptionsWithoutStore(auth)
  const algorithm = tokens.secret === undefined ? 'ES256' : 'HS256'
  const known: Record<string, unknown> = {
    ...server,
    ...byPath({ ...options, tokens: { ...tokens, algorithm } }),
    baseUrl: auth.baseUrl ?? baseUrlAt('(the port that is given)', settings),
    'oauth.returnUrls': values.get('oauth.returnUrls'),
  }
  return new Map(
    table
      .filter(({ secret, variable }) => !secret || databases.has(variable))
      .map((setting) => [
        setting.option,
        asText(setting, setting.provider ? values.get(setting.option) : known[setting.option]),
      ]),
  )
}

/** { tokens: { issuer } } → 'tokens.issuer' */
const byPath = (groups: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(groups).flatMap(([group, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([name, member]) => [`${group}.${name}`, member])
        : [[group, value]],
    ),
  )

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, d: 86_400 }

/** Lengths of time are kept in seconds and written in the unit of the variable. */
const asText = ({ suffix }: Setting, value: unknown): string => {
  if (Array.isArray(value)) return value.join(', ')
  if (value instanceof Date) return value.toISOString()
  if (suffix !== undefined) return String(Number(value) / (secondsPer[suffix] ?? 1))
  return value === undefined ? '' : String(value)
}
