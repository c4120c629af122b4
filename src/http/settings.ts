import type { Wire } from '../profiles/dialect.js'
import type { Transport } from '../profiles/presenters.js'
import { type Cookies, cookieSettings } from './cookies.js'
import type { GuardSettings } from './guard.js'

/** What the pipeline needs to know of the options. */
export type HttpSettings = {
  baseUrl: string
  cookies: Cookies
  /** Whether a refresh cookie under its old name counts where ours is missing. */
  takesCookieOfBefore: boolean
  guard: GuardSettings
  maxBodyBytes: number
  refreshTokenTransport: Transport | 'auto'
  clearSiteData: boolean
}

type HttpOptions = {
  baseUrl: string
  allowedOrigins: readonly string[]
  maxBodyBytes: number
  refreshTokenTransport: Transport | 'auto'
  clearSiteData: boolean
  takesCookieOfBefore: boolean
}

export const httpSettings = (options: HttpOptions, wire?: Wire): HttpSettings => ({
  baseUrl: options.baseUrl,
  cookies: cookieSettings(options.baseUrl, wire?.cookie),
  takesCookieOfBefore: options.takesCookieOfBefore,
  guard: {
    baseOrigin: new URL(options.baseUrl).origin,
    allowedOrigins: new Set(options.allowedOrigins),
    takesBareCookies: wire !== undefined,
  },
  maxBodyBytes: options.maxBodyBytes,
  refreshTokenTransport: options.refreshTokenTransport,
  clearSiteData: options.clearSiteData,
})
