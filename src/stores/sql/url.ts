import { readFileSync } from 'node:fs'
import { ConfigurationError } from '../../errors.js'
import type { Concern } from '../store.js'

/** What a URL says about a database server. */
export type SqlAddress = {
  host: string
  port: number
  /** Path of a unix socket or its folder, instead of host and port. */
  socket: string | undefined
  user: string
  password: string
  database: string
  tls: Tls | undefined
  /** Most connections at once. */
  pool: number
  /** How long a connection or a statement may take. */
  timeoutMilliseconds: number
  /** Prepared statements; off behind a proxy that shares connections between transactions. */
  prepare: boolean
}

/** As node:tls takes it. */
export type Tls = { rejectUnauthorized: boolean; ca?: string; cert?: string; key?: string } & {
  /** Only the chain is checked, not the name. */
  checkServerIdentity?: () => undefined
}

type Form = {
  /** For sentences: 'postgres://user:password@host:5432/database'. */
  example: string
  port: number
  /** When the URL does not say. */
  tls: SslMode
  /** Parameters that other drivers need, with what we do anyway. */
  implied?: Readonly<Record<string, readonly string[]>>
}

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof sslModes)[number]

const names = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'pool', 'timeout', 'prepare', 'host']

/** @throws ConfigurationError that never holds a part of the URL but names of its parameters */
export const readSqlUrl = (
  text: string,
  { example, port, tls, implied = {} }: Form,
): SqlAddress => {
  const refuse = (detail: string): never => {
    throw new ConfigurationError([{ option: 'store', detail }])
  }
  if (!URL.canParse(text)) {
    refuse(
      `is not a URL of the form ${example}. Signs such as @ / : # in a password must be percent-encoded`,
    )
  }
  const url = new URL(text)
  const { searchParams: given } = url
  for (const [name, value] of given) {
    if (names.includes(name) || implied[name]?.includes(value)) continue
    refuse(`has an unknown parameter ${printable(name)}; these are known: ${names.join(', ')}`)
  }
  const number = (name: string, otherwise: number, most: number): number => {
    const value = given.get(name)
    if (value === null) return otherwise
    if (/^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= most) return Number(value)
    return refuse(`has the parameter ${name}, which must be a whole number from 1 to ${most}`)
  }
  const choice = <Value extends string>(name: string, values: readonly Value[], other: Value) => {
    const value = given.get(name) ?? other
    return (
      values.find((each) => each === value) ??
      refuse(`has the parameter ${name}, which must be one of: ${values.join(', ')}`)
    )
  }
  const part = (value: string): string => {
    try {
      return decodeURIComponent(value)
    } catch {
      return refuse('has a % in it that does not begin a percent-encoded sign. Write it as %25')
    }
  }
  const file = (name: string): string | undefined => {
    const path = given.get(name)
    if (path === null) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return refuse(`names a file in ${name} that cannot be read. Check the path`)
    }
  }
  const database = part(url.pathname.slice(1))
  if (database === '' || database.includes('/')) refuse(`must name a database, as in ${example}`)

  return {
    host: part(url.hostname.replace(/^\[(.*)\]$/, '$1')) || 'localhost',
    port: url.port === '' ? port : Number(url.port),
    socket: given.get('host') ?? undefined,
    user: part(url.username),
    password: part(url.password),
    database,
    tls: tlsOf(choice('sslmode', sslModes, tls), {
      ca: file('sslrootcert'),
      cert: file('sslcert'),
      key: file('sslkey'),
    }),
    pool: number('pool', 10, 1000),
    timeoutMilliseconds: number('timeout', 2, 60) * 1000,
    prepare: choice('prepare', ['true', 'false'], 'true') === 'true',
  }
}

const tlsOf = (
  mode: SslMode,
  files: Record<'ca' | 'cert' | 'key', string | undefined>,
): Tls | undefined =>
  mode === 'disable'
    ? undefined
    : {
        rejectUnauthorized: mode !== 'require',
        ...(files.ca !== undefined && { ca: files.ca }),
        ...(files.cert !== undefined && { cert: files.cert }),
        ...(files.key !== undefined && { key: files.key }),
        ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
      }

const printable = (name: string): string => name.replace(/[^\w.-]/g, '?').slice(0, 32)

/** Whether what goes there and back stays on this machine. */
export const isLocal = ({ host, socket }: Pick<SqlAddress, 'host' | 'socket'>): boolean =>
  socket !== undefined || host === 'localhost' || host === '::1' || /^127\./.test(host)

/** What is to be said when others may read what goes to the server and back. */
export const unencryptedWay = ({ host, socket, tls }: SqlAddress, server: string): Concern[] => {
  if (isLocal({ host, socket }) || tls !== undefined) return []
  return [
    {
      concern: `the way to ${server} is not encrypted`,
      remedy:
        'Add ?sslmode=verify-full to DATABASE_URL, and &sslrootcert=<file> for a CA of your own',
    },
  ]
}
