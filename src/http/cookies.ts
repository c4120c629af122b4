import { AuthError } from '../errors.js'
import type { DialectCookie } from '../profiles/dialect.js'
import type { CookieName } from '../profiles/presenters.js'

/** The cookies latchkey sets, by what they hold: all out of reach of scripts (RFC 6265bis). */
export type Cookies = Readonly<Record<CookieName, CookieSettings>>
export type CookieSettings = {
  name: string
  /** What stands before how long it lasts, and what stands behind it: '; Path=/; HttpOnly; SameSite=Lax'. */
  before: string
  attributes: string
  /** Whether it says how long it lasts. */
  lasts: boolean
}

/** `__Host-` binds a cookie to this host over https; plain http on this machine cannot have it. */
export const cookieSettings = (baseUrl: string, dialect?: DialectCookie): Cookies => {
  const isSecure = baseUrl.startsWith('https:')
  const own = (name: CookieName): CookieSettings => ({
    name: isSecure ? `__Host-${name}` : name,
    before: '',
    attributes: `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
    lasts: true,
  })
  const spoken = dialect && inDialect('refresh_token', dialect, isSecure)
  return {
    refresh_token: spoken ?? own('refresh_token'),
    known_device: own('known_device'),
    oauth_browser: own('oauth_browser'),
  }
}

const inDialect = (
  name: CookieName,
  { path, sameSite, secure, lasts }: DialectCookie,
  isSecure: boolean,
): CookieSettings => ({
  name,
  before: '; HttpOnly',
  attributes: `; Path=${path}; SameSite=${sameSite}${secure === 'always' || isSecure ? '; Secure' : ''}`,
  lasts,
})

/** @throws AuthError `invalid_token` when the cookie came twice: one of them was planted */
export const readCookie = (cookieHeader: string | undefined, name: string): string | undefined => {
  const found = cookiesNamed(name, cookieHeader)
  if (found.length > 1) throw new AuthError('invalid_token')
  return found[0] || undefined
}

/** What a service of before called its refresh cookie. */
const nameOfBefore = 'refresh_token'

/** The refresh token a browser sends: ours, or else that of the service of before, while one is honoured. */
export const readRefreshCookie = (
  cookieHeader: string | undefined,
  { cookies, takesCookieOfBefore }: { cookies: Cookies; takesCookieOfBefore: boolean },
): string | undefined =>
  readCookie(cookieHeader, cookies.refresh_token.name) ??
  (takesCookieOfBefore ? readCookie(cookieHeader, nameOfBefore) : undefined)

export const hasRefreshCookie = (
  cookieHeader: string | undefined,
  { cookies, takesCookieOfBefore }: { cookies: Cookies; takesCookieOfBefore: boolean },
): boolean =>
  hasCookie(cookieHeader, cookies.refresh_token.name) ||
  (takesCookieOfBefore && hasCookie(cookieHeader, nameOfBefore))

/** For a cookie that nobody needs: one that came twice counts as none, because one of them was planted. */
export const readOptionalCookie = (
  cookieHeader: string | undefined,
  name: string,
): string | undefined => {
  const [value, ...others] = cookiesNamed(name, cookieHeader)
  return others.length > 0 ? undefined : value || undefined
}

const hasCookie = (cookieHeader: string | undefined, name: string): boolean =>
  cookiesNamed(name, cookieHeader).length > 0

const cookiesNamed = (name: string, cookieHeader: string | undefined): string[] => {
  if (cookieHeader === undefined) return []
  return cookieHeader
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** Deletion is the same cookie, empty and over. */
export const writeCookie = (
  { name, before, attributes, lasts }: CookieSettings,
  { value, maxAgeSeconds }: { value: string; maxAgeSeconds: number },
): string => {
  // only our own tokens are written; whoever changes that must not open the header to others
  if (!/^[\w.~-]*$/.test(value)) throw new Error('Not a value for a cookie')
  const age = lasts || value === '' ? `; Max-Age=${maxAgeSeconds}` : ''
  return `${name}=${value}${before}${age}${attributes}`
}
