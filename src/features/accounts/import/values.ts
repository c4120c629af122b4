/** Values as other places write them: databases, CSV, JSON, and the extended JSON of mongoexport. */
export class BrokenValue extends Error {}

/** A text, or undefined for nothing. */
export const textOf = (value: unknown): string | undefined => {
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value === 'string') return value
  if (['number', 'bigint', 'boolean'].includes(typeof value)) return String(value)
  const { $oid, $numberLong, $uuid } = membersOf(value)
  const extended = $oid ?? $numberLong ?? $uuid
  if (typeof extended === 'string') return extended
  throw new BrokenValue()
}

/** An instant: ISO 8601, a database's own text, or seconds or milliseconds since 1970. Without a zone it is UTC. */
export const instantOf = (value: unknown): Date | undefined => {
  if (value === null || value === undefined || value === '') return undefined
  const instant = new Date(millisecondsOf(value))
  if (!(instant.getTime() >= earliest && instant.getTime() <= latest)) throw new BrokenValue()
  return instant
}

const earliest = Date.UTC(1900, 0, 1)
const latest = Date.UTC(9999, 11, 31)

/** What is less are seconds: in milliseconds it would be before March 1973. */
const leastMilliseconds = 100_000_000_000

const millisecondsOf = (value: unknown): number => {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'number' || typeof value === 'bigint') return sinceEpoch(Number(value))
  if (typeof value === 'string') {
    return /^\d{1,16}(?:\.\d+)?$/.test(value) ? sinceEpoch(Number(value)) : parsed(value)
  }
  const { $date, $numberLong } = membersOf(value)
  if (typeof $numberLong === 'string') return Number($numberLong)
  return $date === undefined || typeof $date === 'boolean' ? Number.NaN : millisecondsOf($date)
}

const sinceEpoch = (number: number): number =>
  Math.round(Math.abs(number) < leastMilliseconds ? number * 1000 : number)

const parsed = (text: string): number => {
  const [, day, time = '00:00:00', zone = ''] = written.exec(text.trim()) ?? []
  if (day === undefined) return Number.NaN
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone
  return Date.parse(`${day}T${time}${/^(?:|UTC|GMT|Z)$/i.test(offset) ? 'Z' : offset}`)
}

const written =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?:\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?)?$/i

/** Yes or no, in the words of databases and people; an instant at which it became true is a yes. */
export const truthOf = (value: unknown): boolean | undefined => {
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value === 'boolean') return value
  if (value instanceof Date) return true
  if (value instanceof Uint8Array) return value.some((byte) => byte !== 0) // BIT of MySQL
  const text = String(textOf(value)).trim().toLowerCase()
  if (yes.has(text)) return true
  if (no.has(text)) return false
  if (!Number.isNaN(parsed(text))) return true
  throw new BrokenValue()
}

const yes = new Set(['true', 't', 'yes', 'y', 'on', '1', 'active', 'enabled'])
const no = new Set(['false', 'f', 'no', 'n', 'off', '0', 'inactive', 'disabled', 'null'])

/** Roles: a list, a list as JSON or as PostgreSQL writes it, names between commas, or one. */
export const rolesOf = (value: unknown): string[] => {
  if (value === null || value === undefined || value === '') return []
  const names = Array.isArray(value) ? value : listIn(String(textOf(value)).trim())
  return [...new Set(names.map(textOf).filter((name) => name !== undefined))]
}

/** Members of a list, or of a list as JSON. */
export const listOf = (value: unknown): readonly unknown[] => {
  if (value === null || value === undefined || value === '') return []
  const list = typeof value === 'string' ? jsonOf(value) : value
  if (!Array.isArray(list) || list.length > mostMembers) throw new BrokenValue()
  return list
}

const mostMembers = 50

/** Control signs and halves of surrogate pairs are kept by no database alike. */
export const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text)

const listIn = (text: string): unknown[] => {
  if (text.startsWith('[')) {
    const list = jsonOf(text)
    if (!Array.isArray(list)) throw new BrokenValue()
    return list
  }
  const plain = /^\{.*\}$/.test(text) ? text.slice(1, -1).replaceAll('"', '') : text
  return plain.split(',').map((name) => name.trim())
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new BrokenValue()
  }
}

export const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
