import type { IncomingHttpHeaders } from 'node:http'
import type { StandInPerson } from './people.js'

/** What a look-alike of a provider is made of: questions, answers, and what it can be told by a test. */
export type Question = {
  method: string
  /** Host first: '/accounts.google.com/o/oauth2/v2/auth'. */
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  /** The body, where it is sent as a form; else empty. */
  form: URLSearchParams
  /** The body as it came. */
  body: string
}

export type Answer = {
  status?: number
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
}

/** One provider. */
export type Look = {
  name: string
  /** Answers what is asked of it; undefined for everything else. */
  answer(question: Question): Promise<Answer | undefined> | Answer | undefined
  /** An access token as after a sign-in. */
  accessToken(person: StandInPerson, clientId: string): string
  /** The signer of its ID tokens, where it has any. */
  idTokens?: IdTokens
}

export type IdTokens = {
  make(about: {
    person: StandInPerson
    clientId: string
    nonce?: string | undefined
    /** What was asked for. Default: everything */
    scopes?: ReadonlySet<string> | undefined
    /** Where it was asked for. */
    path?: string | undefined
    twist?: Partial<IdTokenParts> | undefined
  }): Promise<string>
  rotate(rotation: KeyRotation): Promise<void>
}

/** What an ID token is made of. Members that are undefined are left out. */
export type IdTokenParts = {
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
  /**
   * Who signs: the provider, a key that it never published, the secret that provider and client share (HS256), or nobody
   * (`alg: none`).
   */
  signedBy: 'provider' | 'another key' | 'client secret' | 'nobody'
}

/** Makes ID tokens otherwise than they should be; a text is taken as the whole token. */
export type IdTokenTwist = (token: IdTokenParts) =>
  | {
      header?: object
      claims?: object
      signedBy?: IdTokenParts['signedBy']
    }
  | string

export type KeyRotation = {
  /** The key of before stays published beside the new one. Default: it is gone */
  keepsOld?: boolean
  /** Neither the published keys nor the tokens name a key. Default: they do */
  withoutIds?: boolean
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})

export const notFound: Answer = json({ error: 'not_found' }, 404)

export const redirect = (location: string): Answer => ({ status: 302, headers: { location } })

export const bearerOf = ({ headers }: Question): string | undefined =>
  /^(?:Bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1]

/** Client id and secret, from the header or from the form (RFC 6749 §2.3.1). */
export const credentialsOf = ({ form, headers }: Question): [id: string, secret: string] => {
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (basic === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? '']
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':')
  return [decoded(id), decoded(secret)]
}

const decoded = (text: string): string => new URLSearchParams(`text=${text}`).get('text') ?? ''

/** 'https://host/path' as the path of the stand-in. */
export const pathOf = (url: string): string => url.replace(/^https:\//, '')
