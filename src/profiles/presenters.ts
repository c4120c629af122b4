import type { ConfiguredProvider } from '../features/oauth/providers.js'
import type { Onward } from '../features/oauth/redirects.js'
import type { Identity } from '../features/oauth/store.js'
import type { Grant, Profile } from '../features/sessions/grant.js'
import type { Session } from '../features/sessions/store.js'

/** What handlers give out, by the name of its shape. A profile says how each looks on the wire. */
export type ShapeValues = {
  Grant: Grant
  User: Profile
  /** `next` is what to give as `after` for the following page, null on the last one. */
  Sessions: { sessions: readonly Session[]; currentId: string; next: string | null }
  /** Nothing to say. `signedOut` takes the refresh cookie away. */
  Empty: { signedOut: boolean }
  /** The same whatever came of it: whoever must not learn whether there is an account is told this. */
  Accepted: undefined
  /** What the service says of itself: name, version, links. */
  About: { name: string; version: string; links: Readonly<Record<string, string>> }
  /** How it is. */
  Report: { isUp: boolean; members: Readonly<Record<string, unknown>> }
  /** What an access token says. */
  Claims: Readonly<Record<string, unknown>>
  Providers: readonly ConfiguredProvider[]
  Identities: readonly Identity[]
  Identity: Identity
  /** A browser goes on to somewhere else. */
  Onward: Onward
  /** The same, told to a program that sends its browser there. */
  Departure: Onward
  Raw: RawAnswer
}
export type ShapeName = keyof ShapeValues

/** An answer that is the same in every dialect: a page, a document, a picture. */
export type RawAnswer = {
  status?: number
  contentType: string
  body: string | Uint8Array
  /** Names in lower case; replaces those the pipeline would set. */
  headers?: Readonly<Record<string, string>>
}

/** How the refresh token travels to this caller. */
export type Transport = 'cookie' | 'body'

export type CookieName = 'refresh_token' | 'known_device' | 'oauth_browser'

/** A cookie to set; with the value '' to take away. */
export type SetCookie = { name: CookieName; value: string; maxAgeSeconds: number }

export type Presented =
  | {
      body: unknown
      /** Default: that of the route. */
      status?: number
      cookies?: readonly SetCookie[]
      /** Where the browser goes on to. */
      location?: string
      /** Whether nothing is left in the browser that is of use to anybody: the session of the caller has ended. */
      signedOut?: boolean
    }
  | { raw: RawAnswer }

export type Presenters = {
  [Shape in ShapeName]: (value: ShapeValues[Shape], transport: Transport) => Presented
}
