import { readOptionsWithoutStore } from '../options.js'
import { type ServerSettings, type Setting, settingsTable } from './env.js'
import type { Inspection } from './settings.js'
import type { Origin } from './variables.js'

/** Which value counts for each setting, and where it came from. Secrets are never shown. */
export type Effective = { setting: string; value: string | null; from: Origin | 'default' }

export const effectiveSettings = ({ settings, origins }: Inspection): Effective[] => {
  const shown = shownValues(settings)
  return settingsTable.map(({ variable, option, secret }) => {
    const from = origins.get(variable) ?? 'default'
    const value = shown.get(option)
    if (variable === 'DATABASE_URL')
      return { setting: variable, value: withoutPassword(value), from }
    if (secret) return { setting: variable, value: from === 'default' ? null : '********', from }
    return { setting: variable, value: value === undefined || value === '' ? null : value, from }
  })
}

/** A database URL that may be shown. */
export const withoutPassword = (url = ''): string => url.replace(/\/\/.*@/s, '//********@')

/** Every option by its path, with the defaults that `createAuth` would fill in, as somebody would write it. */
const shownValues = ({ auth, ...server }: ServerSettings): ReadonlyMap<string, string> => {
  const {
    tokens,
    sessions,
    passwords,
    limits,
    locks,
    http,
    name,
    enumeration,
    clockSource,
    profile,
  } = readOptionsWithoutStore(auth)
  const known: Record<string, unknown> = {
    ...server,
    profile,
    name,
    baseUrl: auth.baseUrl ?? 'http://localhost:(the port that is given)',
    ...under('tokens', { ...tokens, algorithm: tokens.secret === undefined ? 'ES256' : 'HS256' }),
    ...under('sessions', sessions),
    ...under('passwords', passwords),
    ...under('limits', limits),
    ...under('locks', locks),
    enumeration,
    clockSource,
    ...under('http', http),
  }
  return new Map(
    settingsTable
      .filter(({ secret, variable }) => !secret || variable === 'DATABASE_URL')
      .map((setting) => [setting.option, asText(setting, known[setting.option])]),
  )
}

const under = (group: string, members: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [`${group}.${name}`, value]))

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, d: 86_400 }

/** Lengths of time are kept in seconds and written in the unit of the variable. */
const asText = ({ suffix }: Setting, value: unknown): string => {
  if (Array.isArray(value)) return value.join(', ')
  if (suffix !== undefined) return String(Number(value) / (secondsPer[suffix] ?? 1))
  return value === undefined ? '' : String(value)
}
