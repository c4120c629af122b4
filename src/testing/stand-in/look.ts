import type { IncomingHttpHeaders } from 'node:http'

/** What a look-alike of a provider is made of. */
export type StandInPerson = {
  subject: string
  email: string | null
  emailVerified: boolean
  firstName: string
  lastName: string
  picture: string | null
}

export type Question = {
  id: string
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** The body, read as a form. */
  form: URLSearchParams
}

export type Answer = {
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
}

/** Answers what is asked of one provider; undefined for everything else. */
export type Look = (question: Question) => Promise<Answer | undefined>

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})

export const notFound: Answer = json({ error: 'not_found' }, 404)

export const redirect = (location: URL): Answer => ({
  status: 302,
  headers: { location: location.href },
})

/** Makes an ID token otherwise than it should be. */
export type IdTokenTwist = (token: { header: object; claims: object }) => {
  header: object
  claims: object
}
