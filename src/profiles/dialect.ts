import type { z } from 'zod'
import type { AuthError, Mistake } from '../errors.js'
import type { IdKind } from '../features/accounts/ids.js'
import type { PolicyName } from '../features/passwords/policy.js'
import type { LogoutRule } from '../features/sessions/logout.js'
import type { RefreshTokenFormat } from '../features/sessions/refresh-token-format.js'
import type { TokenFormat } from '../features/tokens/token-format.js'
import type { EmailRule } from '../lib/email-address.js'
import type { Presented, RawAnswer, ShapeName, ShapeValues, Transport } from './presenters.js'

/** The contracts latchkey speaks, one of them in a process. */
export const profileNames = ['native', 'username', 'cookie', 'strict', 'flat', 'envelope'] as const
export type ProfileName = (typeof profileNames)[number]

/** A dialect: everything in which one contract differs from the others, as data and small pure functions. */
export type Dialect = {
  name: ProfileName
  /** Options that hold where none are given. */
  options: DialectOptions
  accounts: {
    ids: IdKind
    emails: EmailRule
    /** Whether registration lets the new owner in at once. */
    signsIn: boolean
  }
  /** Whether a refresh spends the refresh token. */
  rotates: boolean
  /** How sessions are ended, where it is not as natively. */
  logout?: LogoutRule
  /** The form of access tokens, where it is not that of RFC 9068. */
  tokens?: TokenFormat
  /** The form of refresh tokens, where they are not opaque. */
  refreshTokens?: RefreshTokenFormat
  /** What is spoken over HTTP. Without it: everything there is, natively. */
  wire?: Wire
  settings: DialectSettings
}

/** As in AuthOptions. */
export type DialectOptions = {
  tokens?: { algorithm?: 'HS256'; expires?: string }
  sessions?: { refreshExpires?: string; absoluteExpires?: string; grace?: string }
  passwords?: { policy?: PolicyName }
  limits?: {
    requests?: number
    window?: string
    login?: number
    register?: number
    refresh?: number
  }
  http?: { refreshTokenTransport?: Transport; maxBodyBytes?: number }
}

/** What the service read from its environment, so that its settings file works as it is. */
export type DialectSettings = {
  /** Its name of a setting → ours, where the text means the same. */
  names: Readonly<Record<string, string>>
  /** Our name → what holds without it. */
  defaults: Readonly<Record<string, string>>
  /** Settings of ours that it had in another form. */
  made?: readonly MadeSetting[]
  /** A settings file that it read, besides .env. */
  file?: string
  /** Whether it read its names in any case. */
  anyCase?: true
  /** Our name → smallest and largest number, where it allowed others than we do. */
  ranges?: Readonly<Record<string, readonly [least: number, most: number]>>
  /** Texts of its own documents that stand for something of one's own. */
  samples?: readonly string[]
  /** Our name → its own sentence when that is not set, or has fewer characters than it asked for. */
  needed?: Readonly<Record<string, { leastCharacters: number; sentence: string }>>
  /** Names that no other settings hold together: what is not native, and does not say so, must not start natively. */
  signatures?: readonly { all: readonly string[]; without?: string }[]
}

/** One of our settings, made of one or several of the service. */
export type MadeSetting = {
  variable: string
  of: readonly string[]
  /** Also asked when none of them is set. undefined: they say nothing. A mistake never repeats a text. */
  make(given: Texts, about: { isProduction: boolean }): Making | undefined
}
export type Texts = Readonly<Record<string, string | undefined>>
export type Making = { text: string } | { mistakes: readonly Mistake[] }

export type Wire = {
  /** What is served, by method and path: 'POST /auth/login'. Everything else is not found. */
  routes: Readonly<Record<string, Rendering>>
  refuse(error: AuthError, about: Refused): Refusal
  /** json: a body of any other type is refused. lenient: it is read as text, which is no object to anybody. */
  encoding: 'json' | 'lenient'
  /** How the refresh token lies in the browser. */
  cookie?: DialectCookie
  /** Answers to OPTIONS; undefined: the methods of the path. */
  options?(about: Preflight): RawAnswer | undefined
  /** What listed origins are told with every answer. Default: the methods of the path, with OPTIONS only. */
  cors?: { methods: string; headers: string }
  /** Whether size and type of the body and then the origin are looked at before the path, also where nothing is changed. */
  guardsFirst?: true
}

/** Attributes of a cookie (RFC 6265bis), written in the order that the service wrote them. */
export type DialectCookie = {
  path: string
  sameSite: 'lax' | 'strict'
  /** https: where BASE_URL is */
  secure: 'always' | 'https'
  /** Whether it says how long it lasts; without that it ends with the browser. */
  lasts: boolean
}

/** How one route is spoken. */
export type Rendering = {
  [Shape in ShapeName]: {
    /** What the handler gives. */
    shape: Shape
    status: number
    body?: BodyModel
    present(value: ShapeValues[Shape], transport: Transport): Presented
    /** What is answered, as OpenAPI shows it. */
    answer?: z.ZodType
    summary?: string
    description?: string
  }
}[ShapeName]

export type BodyModel = {
  /** As OpenAPI shows it. */
  schema: z.ZodType
  /** What the native route takes. @throws AuthError `invalid_body` with codes and sentences of the dialect */
  read(sent: unknown): object
}

/** Where a refusal happened. */
export type Refused = {
  method: string
  path: string
  requestId: string
  /** The page that explains its code. */
  help: string
}

export type Refusal = {
  status: number
  body: unknown
  /** Default: application/json */
  contentType?: string
  /** Name, value, name, value, … */
  headers?: readonly string[]
  /** Whether Retry-After says when to ask again, where that is known. Default true */
  tellsWhen?: boolean
}

export type Preflight = {
  path: string
  methods: readonly string[]
  origin: string | undefined
  /** What a browser asks for (Fetch standard, CORS protocol). */
  wantedMethod: string | undefined
  wantedHeaders: string | undefined
  /** Whether the origin is listed. */
  isAllowed: boolean
  /** Whether any origins are listed. */
  hasList: boolean
}
