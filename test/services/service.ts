import { randomBytes } from 'node:crypto'
import type { Program } from './program.js'

/** How a server is reached: as somebody who may make databases, and as an ordinary user of them. */
export type Login = {
  url: string
  adminUrl: string
  /** The certificate its own is signed with, when nothing but TLS is let in. */
  caFile?: string
}

export type StartOptions = {
  /** Writes reach the disk before they are confirmed. */
  durable: boolean
  /** Lets nobody in without TLS. */
  tls: boolean
  /** Settings in the server's own words, over ours. */
  settings: Readonly<Record<string, string>>
}

/** A server that was started here. */
export type Started = Login & {
  program: Program
  /** Removes all it has written; it must have been stopped. */
  remove(): Promise<void>
}

/** What has to be known about one kind of server. */
export type Kind = {
  start(options: StartOptions): Promise<Started>
  /** What the server says it is. */
  version(login: Login): Promise<string>
  /** Makes an empty database and answers with its address, for the ordinary user. */
  create(login: Login, name: string): Promise<string>
  /** Removes one that `create` has made, whoever is still connected. */
  drop(login: Login, url: string): Promise<void>
}

/** Full of signs that mean something in a URL: who forgets to decode it is not let in. */
export const makePassword = (): string => `k%/e:y@${randomBytes(8).toString('hex')}`

/** The same server, another database. Not by `new URL`, which refuses the several hosts of MongoDB. */
export const withDatabase = (url: string, name: string): string =>
  url.replace(/^([^:]+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`)

export const databaseOf = (url: string): string => /^[^:]+:\/\/[^/?]*\/([^?]*)/.exec(url)?.[1] ?? ''

/** A URL from its parts, each with the signs in it that a URL cannot carry as they are. */
export const urlOf = (
  protocol: string,
  { user, password, port }: { user: string; password: string; port: number },
  database: string,
): string =>
  `${protocol}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
