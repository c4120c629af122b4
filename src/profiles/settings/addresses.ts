import type { Mistake } from '../../errors.js'

/** Where a database is, said in single settings, as the one URL that we read. */
type Place = {
  scheme: string
  user: string | undefined
  password: string | undefined
  host: string
  port?: string | undefined
  database: string
}

export const urlOf = ({ scheme, user, password, host, port, database }: Place): string => {
  const isSocket = host.startsWith('/')
  const owner =
    user === undefined ? '' : `${encode(user)}${password ? `:${encode(password)}` : ''}@`
  const place = isSocket ? 'localhost' : bracketed(host)
  const query = isSocket ? `?host=${encode(host)}` : ''
  return `${scheme}://${owner}${place}${port ? `:${port}` : ''}/${encode(database)}${query}`
}

/** Also those signs that a URL may hold as they are, but not everywhere. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host

/** What is said of a host that is none: it may be a whole URL, credentials and all. */
export const hostFault = (host: string): string | undefined =>
  host.startsWith('/') || /^[\w.-]+$|^\[?[0-9a-f:.]+\]?$/i.test(host)
    ? undefined
    : 'must be the name or the address of a host, and nothing else'

export const portFault = (port: string | undefined): string | undefined =>
  port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)
    ? undefined
    : 'must be a whole number from 1 to 65535'

/** A mistake for each of these names that is not set. */
export const missing = (
  given: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  purpose: string,
): Mistake[] =>
  names
    .filter((name) => given[name] === undefined)
    .map((option) => ({ option, detail: `is needed ${purpose}` }))

export const faults = (found: Readonly<Record<string, string | undefined>>): Mistake[] =>
  Object.entries(found).flatMap(([option, detail]) =>
    detail === undefined ? [] : [{ option, detail }],
  )
