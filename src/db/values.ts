import { types } from 'node:util'
import { refuse } from './database-error.js'

/** What may stand in a statement as a value. JSON goes as text: `JSON.stringify(…)`. */
export type Value = string | number | bigint | boolean | null | Date | Uint8Array

/** Arrays are values on PostgreSQL only: `= any($1)`. */
export type Values = readonly (Value | readonly (Value | null)[])[]

/** What a driver wants to be given. */
export type Encoding = {
  /** The instant as text, in UTC. */
  instant(date: Date): string
  /** Truth has a type of its own. */
  hasBooleans: boolean
  /** Numbers without a fraction would otherwise arrive with one. */
  integersAsBigints: boolean
  hasArrays: boolean
}

const iso = (date: Date): string => date.toISOString()

const withoutZone = (date: Date): string => iso(date).replace('Z', '')

/** By the name of the driver. */
export const encodings: Readonly<Record<string, Encoding>> = {
  postgres: { instant: iso, hasBooleans: true, integersAsBigints: false, hasArrays: true },
  sqlite: { instant: iso, hasBooleans: false, integersAsBigints: true, hasArrays: false },
  mysql: {
    instant: (date) => withoutZone(date).replace('T', ' '),
    hasBooleans: false,
    integersAsBigints: false,
    hasArrays: false,
  },
  // with a blank in place of the T, its meaning would depend on the language of the user
  sqlserver: {
    instant: withoutZone,
    hasBooleans: true,
    integersAsBigints: false,
    hasArrays: false,
  },
}

/** @throws DatabaseError `refused`, never with the value in it */
export const encodeAll = (values: readonly unknown[], encoding: Encoding, text: string) =>
  values.map((value, index) => encode(value, encoding, `value ${index + 1}`, text))

const encode = (value: unknown, encoding: Encoding, which: string, text: string): unknown => {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return encoding.hasBooleans ? value : Number(value)
  if (typeof value === 'number') return encodeNumber(value, encoding, which, text)
  if (value === undefined)
    return refuse(`${capital(which)} is undefined. Give null for nothing`, text)
  if (types.isDate(value)) {
    if (Number.isNaN(value.getTime())) refuse(`${capital(which)} is a Date that is no date`, text)
    return encoding.instant(value)
  }
  if (types.isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.length)
  if (Array.isArray(value)) return encodeArray(value, encoding, which, text)
  return refuse(
    `${capital(which)} is ${typeof value === 'object' ? 'an object' : `a ${typeof value}`}, which is no value of SQL. Give JSON as text: JSON.stringify(…)`,
    text,
  )
}

const encodeNumber = (value: number, encoding: Encoding, which: string, text: string) => {
  if (!Number.isFinite(value)) refuse(`${capital(which)} is ${value}, which is no number`, text)
  return encoding.integersAsBigints && Number.isSafeInteger(value) ? BigInt(value) : value
}

const encodeArray = (
  values: readonly unknown[],
  encoding: Encoding,
  which: string,
  text: string,
): unknown[] => {
  if (!encoding.hasArrays) {
    refuse(
      `${capital(which)} is an array, which this database has not. Write one placeholder for each member, or in db.sql: in (\${list(…)})`,
      text,
    )
  }
  return Array.from(values, (value) => {
    if (Array.isArray(value)) refuse(`${capital(which)} is an array of arrays`, text)
    return encode(value, encoding, `a member of ${which}`, text)
  })
}

const capital = (words: string): string => words[0]?.toUpperCase() + words.slice(1)
