import { AuthError } from '../errors.js'
import { header, type PlainRequest } from './plain.js'

/** The checks that stand before every route. */
export type GuardSettings = {
  baseOrigin: string
  allowedOrigins: ReadonlySet<string>
  /** Whether a cookie counts that comes without any sign of where it comes from: programs send none, browsers do. */
  takesBareCookies: boolean
}

/** Headers that may name one thing only: of two, whoever stands in front may have believed the other (RFC 9112 §3.2). */
const single = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'sec-fetch-site',
]

/** @throws AuthError `malformed_request` */
export const requireSingleHeaders = (request: PlainRequest): void => {
  const isRepeated = single.some((name) => {
    const value = request.headers[name]
    return Array.isArray(value) && value.length > 1
  })
  if (isRepeated || /[\s,/\\?#@]/.test(header(request, 'host') ?? '')) {
    throw new AuthError('malformed_request')
  }
}

/**
 * Refuses what another site makes a browser send: Fetch Metadata decides where it is sent, else Origin, and a cookie
 * with neither needs a header that forms cannot make.
 *
 * @throws AuthError `origin_not_allowed`
 */
export const requireOwnOrigin = (
  request: PlainRequest,
  settings: GuardSettings,
  hasCookie: boolean,
): void => {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const origin = header(request, 'origin')
  const site = header(request, 'sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return
  if (site !== undefined || origin !== undefined) {
    if (origin !== undefined && settings.allowedOrigins.has(origin)) return
    if (site === undefined && origin === settings.baseOrigin) return
    throw new AuthError('origin_not_allowed')
  }
  if (!hasCookie || settings.takesBareCookies || header(request, 'x-requested-with') !== undefined)
    return
  if (isJson(header(request, 'content-type'))) return
  throw new AuthError('origin_not_allowed')
}

/** For whoever may not even read: where origins are listed, no other is answered. @throws AuthError `origin_not_allowed` */
export const requireListedOrigin = (
  request: PlainRequest,
  { allowedOrigins, baseOrigin }: GuardSettings,
): void => {
  const origin = header(request, 'origin')
  if (origin === undefined || origin === baseOrigin || allowedOrigins.size === 0) return
  if (!allowedOrigins.has(origin)) throw new AuthError('origin_not_allowed')
}

/**
 * What a body says of itself, before anything else is looked at.
 *
 * @throws AuthError `body_too_large`, `unsupported_media_type`
 */
export const requireSoundBody = (request: PlainRequest, maxBodyBytes: number): void => {
  if (declaredLength(request) > maxBodyBytes) throw new AuthError('body_too_large')
  if (['POST', 'PUT', 'PATCH'].includes(request.method)) requireJson(request)
}

/** @throws AuthError `unsupported_media_type` */
export const requireJson = (request: PlainRequest): void => requireType(request, isJson)

/** @throws AuthError `unsupported_media_type` */
export const requireForm = (request: PlainRequest): void => requireType(request, isForm)

const requireType = (
  request: PlainRequest,
  isRight: (contentType: string | undefined) => boolean,
): void => {
  const encoding = header(request, 'content-encoding')
  const plain = encoding === undefined || encoding === 'identity'
  if (!plain || !isRight(header(request, 'content-type')))
    throw new AuthError('unsupported_media_type')
}

const isForm = (contentType: string | undefined): boolean =>
  contentType !== undefined &&
  /^application\/x-www-form-urlencoded(?:[ \t]*;[ \t]*charset="?utf-8"?)?$/i.test(contentType)

const isJson = (contentType: string | undefined): boolean =>
  contentType !== undefined &&
  /^application\/json(?:[ \t]*;[ \t]*charset="?utf-8"?)?$/i.test(contentType)

/** As FastAPI decides whether a body is JSON. */
export const isJsonOrNothing = (contentType: string | undefined): boolean =>
  contentType === undefined || /^application\/(?:[^;\s]+\+)?json(?:\s*;|$)/i.test(contentType)

export const hasBody = (request: PlainRequest): boolean =>
  request.hasBody ??
  (header(request, 'transfer-encoding') !== undefined || declaredLength(request) > 0)

export const declaredLength = (request: PlainRequest): number =>
  Number(header(request, 'content-length') ?? 0)

/** The token of `Authorization: Bearer`, as it was sent (RFC 6750 §2.1). @throws AuthError `invalid_token` */
export const bearerToken = (request: Pick<PlainRequest, 'headers'>): string | undefined => {
  const value = header(request, 'authorization')
  if (value === undefined) return undefined
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(value) ?? []
  if (token !== undefined) return token
  const scheme = value.trim().split(' ', 1)[0]?.toLowerCase()
  throw new AuthError('invalid_token', scheme === 'bearer' ? {} : { reason: 'wrong_scheme' })
}
