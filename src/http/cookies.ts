import { AuthError } from '../errors.js'

/** The one cookie latchkey sets: the refresh token, out of reach of scripts (RFC 6265bis). */
export type CookieSettings = { name: string; secure: boolean }

/** `__Host-` binds the cookie to this host over https; plain http on this machine cannot have it. */
export const cookieSettings = (baseUrl: string): CookieSettings => {
  const secure = baseUrl.startsWith('https:')
  return { name: secure ? '__Host-refresh_token' : 'refresh_token', secure }
}

/** @throws AuthError `invalid_token` when the cookie came twice: one of them was planted */
export const readCookie = (cookieHeader: string | undefined, name: string): string | undefined => {
  const found = cookiesNamed(cookieHeader, name)
  if (found.length > 1) throw new AuthError('invalid_token')
  return found[0]?.slice(name.length + 1) || undefined
}

export const hasCookie = (cookieHeader: string | undefined, name: string): boolean =>
  cookiesNamed(cookieHeader, name).length > 0

const cookiesNamed = (cookieHeader: string | undefined, name: string): string[] =>
  cookieHeader
    ?.split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`)) ?? []

/** Deletion is the same cookie, empty and over. */
export const writeCookie = (
  { name, secure }: CookieSettings,
  { value, maxAgeSeconds }: { value: string; maxAgeSeconds: number },
): string =>
  `${name}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
