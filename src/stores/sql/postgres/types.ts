import type { CustomTypesConfig } from 'pg'
import { trusted } from '../../../lib/trusted.js'

type Read = (text: string) => unknown
type Defaults = typeof import('pg')['types']

/**
 * How values come back. The driver's own ways, but for whole numbers, which are numbers wherever these can hold them, and for
 * times without a zone, which are read in UTC and not in the zone that the process happens to run in.
 */
export const typesOf = (defaults: Defaults): CustomTypesConfig => {
  const parserOf = (oid: number): Read => trusted(defaults.getTypeParser(oid))
  const utc: Read = (text) =>
    parserOf(oids.timestamptz)(/infinity/.test(text) ? text : text.replace(/( BC)?$/, '+00$1'))
  const own: Readonly<Record<number, Read>> = {
    [oids.int8]: wholeNumber,
    [oids.int8Array]: (text) => eachOf(parserOf(oids.textArray)(text), wholeNumber),
    [oids.date]: asItIs,
    [oids.dateArray]: parserOf(oids.textArray),
    [oids.timestamp]: utc,
    [oids.timestampArray]: (text) => eachOf(parserOf(oids.textArray)(text), utc),
  }
  return {
    getTypeParser: (oid, format) =>
      trusted((format === 'binary' ? undefined : own[oid]) ?? defaults.getTypeParser(oid, format)),
  }
}

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const oids = {
  int8: 20,
  int8Array: 1016,
  textArray: 1009,
  date: 1082,
  dateArray: 1182,
  timestamp: 1114,
  timestampArray: 1115,
  timestamptz: 1184,
} as const

const wholeNumber: Read = (text) =>
  Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)

/** A day has no instant in it. */
const asItIs: Read = (text) => text

const eachOf = (value: unknown, read: Read): unknown => {
  if (Array.isArray(value)) return value.map((member) => eachOf(member, read))
  return typeof value === 'string' ? read(value) : value
}
