import { ConfigurationError } from '../errors.js'
import { parseUntil } from '../lib/until.js'
import { isRedisUrl, readRedisUrl } from '../stores/redis/redis-url.js'
import { sqliteFile } from '../stores/sql/sqlite/files.js'
import { openStore } from './open-store.js'
import type { Setting } from './setting.js'

/** The texts of settings: what is wrong with one, and what it stands for. No message repeats a text. */
export const settingFault = (setting: Setting, text: string): string | undefined => {
  if (/^(["']).*\1$/s.test(text))
    return 'has quotes around it that became part of the value. Remove them'
  if (setting.variable === 'LEGACY_DATABASE_URL' && isRedisUrl(text)) return redisFault(text)
  if (isDatabase(setting)) return databaseFault(text)
  if (setting.variable === 'REDIS_URL') return redisFault(text)
  if (setting.choices !== undefined && !setting.choices.includes(text))
    return `must be ${oneOf(setting.choices)}`
  if (setting.kind === 'boolean' && booleans[text.toLowerCase()] === undefined)
    return 'must be true or false'
  if (setting.kind === 'number') return numberFault(setting, text)
  if (setting.kind === 'instant' && parseUntil(text) === undefined)
    return 'must be a day such as 2026-12-31, or an instant such as 2026-12-31T12:00:00Z'
  if (setting.kind === 'clients' && !partsOf(text).every((part) => /^[^:]+:./.test(part)))
    return 'must be written as id:secret, comma separated'
  return setting.fault?.(text)
}

/** What a text without fault stands for, in the form its option wants. */
export const settingValue = (setting: Setting, text: string): unknown => {
  const { kind, suffix } = setting
  if (setting.value !== undefined) return setting.value(text)
  if (isDatabase(setting)) return withoutDriver(text)
  if (kind === 'boolean') return booleans[text.toLowerCase()]
  if (kind === 'list') return partsOf(text)
  if (kind === 'clients') return partsOf(text).map(clientOf)
  if (kind === 'text' || kind === 'instant') return text
  return suffix === undefined ? Number(text) : `${Number(text)}${suffix}`
}

const partsOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

const clientOf = (part: string): { id: string; secret: string } => {
  const colon = part.indexOf(':')
  return { id: part.slice(0, colon), secret: part.slice(colon + 1) }
}

const numberFault = ({ range: [least, most] = [0, 2 ** 31] }: Setting, text: string) => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
  return value < least || value > most
    ? `must be a whole number from ${least} to ${most}`
    : undefined
}

/** SQLAlchemy may name its driver; servers are opened without it by themselves. */
const withoutDriver = (url: string): string => url.replace(/^sqlite\+[a-z0-9]+:/, 'sqlite:')

const isDatabase = ({ variable }: Setting): boolean =>
  variable === 'DATABASE_URL' || variable === 'LEGACY_DATABASE_URL'

const databaseFault = (text: string): string | undefined => {
  const url = withoutDriver(text)
  if (url === 'memory') return undefined
  if (/:memory:|mode=memory|^sqlite:\/*$/.test(url))
    return 'must be just memory to keep everything in memory'
  if (sqliteFile(url) !== undefined) return undefined
  try {
    openStore({ databaseUrl: url, environment: 'production' }) // asks nobody anything yet
    return undefined
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.mistakes[0]?.detail
  }
}

const redisFault = (url: string): string | undefined => {
  try {
    readRedisUrl(url)
    return undefined
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes[0]?.detail
    throw error
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  yes: true,
  on: true,
  false: false,
  '0': false,
  no: false,
  off: false,
}

const oneOf = (names: readonly string[]): string =>
  names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
