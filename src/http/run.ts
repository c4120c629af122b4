import { randomBytes } from 'node:crypto'
import type { Auth } from '../auth.js'
import { AuthError } from '../errors.js'
import { type Caller, cleanUserAgent } from '../lib/caller.js'
import { parseJson } from '../lib/json.js'
import type { Preflight, Wire } from '../profiles/dialect.js'
import type { Presenters, Transport } from '../profiles/presenters.js'
import type { Admission, Visitor } from './admission.js'
import { dataAnswer, jsonType, rawAnswer } from './answers.js'
import { readOptionalCookie, readRefreshCookie, writeCookie } from './cookies.js'
import { parseForm } from './form.js'
import {
  bearerToken,
  declaredLength,
  hasBody,
  isJsonOrNothing,
  requireForm,
  requireJson,
  requireListedOrigin,
  requireOwnOrigin,
  requireSingleHeaders,
  requireSoundBody,
} from './guard.js'
import {
  clearSiteData,
  commonHeaders,
  corsHeaders,
  dataHeaders,
  preflightHeaders,
} from './headers.js'
import { header, type PlainAnswer, type PlainRequest } from './plain.js'
import { refusalOf } from './problem.js'
import { rateLimitHeaders } from './rate-limit-headers.js'
import { createRefusing, nameOf, sendsCookie, takesCookie } from './refusing.js'
import type { Route } from './route.js'
import { createRouter, type Match, type Router } from './router.js'
import type { HttpSettings } from './settings.js'

/**
 * The pipeline. Every request goes down one list: address, general limit, path, method, origin, limit of the route, access,
 * content type and body, handle, answer. Each "no" is an AuthError; anything else that is thrown is a bug, logged under
 * its request id.
 */
export type Pipeline = {
  run(request: PlainRequest): Promise<PlainAnswer>
  router: Router
}

type Deps = {
  auth: Pick<Auth, 'ready' | 'authenticate' | 'log' | 'rooms'>
  admission: Admission
  routes: readonly Route[]
  presenters: Presenters
  /** The dialect, where it is not the native one. */
  wire: Wire | undefined
  /** How refusals are worded. Default: problem details, as always under /oauth. */
  refuse: Wire['refuse'] | undefined
  settings: HttpSettings
}

/** One request on its way, and what was found out about it so far. */
type Exchange = { request: PlainRequest; requestId: string; match: Match; visitor: Visitor }

export const createPipeline = (deps: Deps): Pipeline => {
  const { auth, admission, routes, presenters, wire, settings } = deps
  const router = createRouter(routes)
  const common = commonHeaders({ https: settings.baseUrl.startsWith('https:') })
  const refuse = createRefusing({ log: auth.log, refuse: deps.refuse, settings })
  const nextRequestId = createRequestIds()

  const run = async (request: PlainRequest): Promise<PlainAnswer> => {
    const requestId = nextRequestId()
    const match = router.find(request.method, request.path)
    const visitor = admission.greet(request)
    const exchange: Exchange = { request, requestId, match, visitor }
    const answer = await respond(exchange).catch((error: unknown) =>
      refuse(refusalOf(error), exchange),
    )
    const open = answer.headers.includes('access-control-allow-origin') // to everybody, as the public keys are
    const cors = open ? [] : corsHeaders(header(request, 'origin'), settings.guard, wire?.cors)
    const limits = rateLimitHeaders(visitor.standings)
    answer.headers.push(...common, ...cors, ...limits, 'x-request-id', requestId)
    if (request.method === 'HEAD') answer.body = undefined
    auth.log.debug(
      {
        request_id: requestId,
        method: request.method,
        route: nameOf(match),
        status: answer.status,
      },
      'answered',
    )
    return answer
  }

  const respond = async (exchange: Exchange): Promise<PlainAnswer> => {
    const { request, match, visitor } = exchange
    const admitted = admission.admit(visitor, request, match, deviceOf(request))
    if (admitted !== undefined) await admitted
    await auth.ready()
    requireSingleHeaders(request)
    if (wire?.guardsFirst && !isOpen(match)) guardFirst(request)
    const spoken = request.method === 'OPTIONS' ? wire?.options?.(preflightOf(exchange)) : undefined
    if (spoken !== undefined) return rawAnswer(spoken, undefined)
    if (match.found === 'nothing') throw new AuthError('not_found')
    if (match.found === 'path') {
      if (request.method === 'OPTIONS') return options(request, match.methods)
      throw new AuthError('method_not_allowed', { allow: match.methods })
    }
    return visit(match, exchange)
  }

  const guardFirst = (request: PlainRequest): void => {
    if (request.method === 'OPTIONS') return
    requireSoundBody(request, settings.maxBodyBytes)
    requireListedOrigin(request, settings.guard)
    requireOwnOrigin(request, settings.guard, sendsCookie(request, settings))
  }

  const visit = async (
    { route, params }: Match & { found: 'route' },
    exchange: Exchange,
  ): Promise<PlainAnswer> => {
    const { request, visitor } = exchange
    const sent = sendsCookie(request, settings)
    if (!route.anyOrigin) requireOwnOrigin(request, settings.guard, sent)
    const caller = { device: deviceOf(request), ...callerOf(exchange) }
    const counted = admission.limit(visitor, route, caller.device)
    if (counted !== undefined) await counted
    const cookieToken =
      takesCookie(route) || route.cookie === 'refresh token'
        ? readRefreshCookie(header(request, 'cookie'), settings)
        : undefined
    const browserCookie =
      route.cookie === 'oauth browser'
        ? readOptionalCookie(header(request, 'cookie'), settings.cookies.oauth_browser.name)
        : undefined
    const token = takesBearer(route) ? bearerToken(request) : undefined
    const transport = transportOf(request)
    const presented = await route.answer(
      {
        params,
        query: request.query,
        caller,
        cookieToken,
        browserCookie,
        bearerToken: token,
        transport,
        authenticate: () => {
          if (token === undefined) throw new AuthError('missing_token')
          return auth.authenticate(token)
        },
        authenticateClient: (form) =>
          auth.rooms.clients.require(header(request, 'authorization'), form),
        readBody: () => bodyOf(request, route),
      },
      presenters,
    )
    if ('raw' in presented) return rawAnswer(presented.raw, header(request, 'if-none-match'))
    const answer = dataAnswer(presented.status ?? route.success.status, presented.body, jsonType)
    if (presented.location !== undefined) answer.headers.push('location', presented.location)
    if (presented.signedOut && settings.clearSiteData) answer.headers.push(...clearSiteData)
    for (const cookie of presented.cookies ?? []) {
      const takesAway = cookie.value === ''
      if (!takesAway || sent || transport === 'cookie')
        answer.headers.push('set-cookie', writeCookie(settings.cookies[cookie.name], cookie))
    }
    return answer
  }

  const deviceOf = (request: PlainRequest): string | undefined =>
    readOptionalCookie(header(request, 'cookie'), settings.cookies.known_device.name)

  const bodyOf = async (request: PlainRequest, { encoding = 'json' }: Route): Promise<unknown> => {
    if (!hasBody(request)) return undefined
    if (encoding === 'form') requireForm(request)
    else if (encoding === 'json') requireJson(request)
    const bytes = request.parsedBody ?? (await request.readBody(settings.maxBodyBytes))
    return parsed(request, bytes, settings.maxBodyBytes, encoding)
  }

  const transportOf = (request: PlainRequest): Transport => {
    if (settings.refreshTokenTransport !== 'auto') return settings.refreshTokenTransport
    return header(request, 'sec-fetch-site') === undefined ? 'body' : 'cookie'
  }

  const options = (request: PlainRequest, methods: readonly string[]): PlainAnswer => {
    const origin = header(request, 'origin')
    const { allowedOrigins } = settings.guard
    const allowed = origin !== undefined && allowedOrigins.has(origin)
    const preflight = allowed ? preflightHeaders(methods) : []
    return {
      status: 204,
      headers: ['allow', methods.join(', '), ...preflight, ...dataHeaders],
      body: undefined,
    }
  }

  const preflightOf = ({ request, match }: Exchange): Preflight => {
    const origin = header(request, 'origin')
    const { allowedOrigins } = settings.guard
    return {
      path: request.path,
      methods: match.found === 'path' ? match.methods : [],
      origin,
      wantedMethod: header(request, 'access-control-request-method'),
      wantedHeaders: header(request, 'access-control-request-headers'),
      isAllowed: origin !== undefined && allowedOrigins.has(origin),
      hasList: allowedOrigins.size > 0,
    }
  }

  return { run, router }
}

/** Hosts hand over bytes, or what they have made of them. No bytes are no body, however they were announced. */
const parsed = (
  request: PlainRequest,
  body: unknown,
  limit: number,
  encoding: 'json' | 'form' | 'lenient',
): unknown => {
  if (!(body instanceof Uint8Array)) {
    const length = declaredLength(request) || Buffer.byteLength(JSON.stringify(body))
    if (length > limit) throw new AuthError('body_too_large')
    return body
  }
  if (body.length === 0) return undefined
  if (body.length > limit) throw new AuthError('body_too_large')
  if (encoding === 'form') return parseForm(body)
  if (encoding === 'lenient' && !isJsonOrNothing(header(request, 'content-type')))
    return Buffer.from(body).toString()
  try {
    return parseJson(body)
  } catch (error) {
    throw new AuthError('malformed_json', { cause: error })
  }
}

/** What may be asked without limits. */
const isOpen = (match: Match): boolean => match.found === 'route' && match.route.limit === 'none'

const takesBearer = ({ access }: Route): boolean => access.endsWith('bearer')

const callerOf = ({ request, requestId, visitor }: Exchange): Caller => ({
  address: visitor.client.address,
  userAgent: cleanUserAgent(header(request, 'user-agent')),
  requestId,
})

/** Unique across processes and cheap: a random beginning and a counter. */
const createRequestIds = (): (() => string) => {
  const beginning = randomBytes(6).toString('hex')
  let count = 0
  return () => {
    count += 1
    return `${beginning}-${count.toString(36)}`
  }
}
