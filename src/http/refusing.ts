import type { AuthError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { Wire } from '../profiles/dialect.js'
import { problemAnswer, wordedAnswer } from './answers.js'
import { hasRefreshCookie, writeCookie } from './cookies.js'
import { header, type PlainAnswer, type PlainRequest } from './plain.js'
import { beginningOf, refusalPage, wantsPage } from './refusal-page.js'
import type { Route } from './route.js'
import type { Match } from './router.js'
import type { HttpSettings } from './settings.js'

/** How a "no" is told: as a page to people, else in the words of the dialect, and with what has to be done about it. */
type Deps = {
  log: Log
  /** Who words refusals. Default: problem details, as always under /oauth. */
  refuse: Wire['refuse'] | undefined
  settings: HttpSettings
}
type Exchange = { request: PlainRequest; requestId: string; match: Match }

export const createRefusing = ({ log, refuse, settings }: Deps) => {
  const { baseUrl } = settings

  const answerTo = (error: AuthError, { request, requestId, match }: Exchange) => {
    const isOAuth = match.found === 'route' && match.route.access === 'client'
    const about = { request, requestId, baseUrl, isOAuth }
    if (match.found === 'route' && wantsPage(request, match.route)) {
      const tryAgain = beginningOf(match.route, match.params, baseUrl)
      return { answer: refusalPage(error, { baseUrl, requestId, tryAgain }) }
    }
    if (refuse === undefined || isOAuth) return problemAnswer(error, about)
    return wordedAnswer(refuse, error, about)
  }

  return (error: AuthError, exchange: Exchange): PlainAnswer => {
    const { request, requestId, match } = exchange
    if (error.status >= 500) {
      log[levelOf(error)](
        { request_id: requestId, code: error.code, route: nameOf(match), err: error.cause },
        error.message,
      )
    }
    const { answer, tellsWhen = true }: { answer: PlainAnswer; tellsWhen?: boolean } = answerTo(
      error,
      exchange,
    )
    if (error.retryAfterSeconds !== undefined && tellsWhen)
      answer.headers.push('retry-after', String(error.retryAfterSeconds))
    if (error.allow.length > 0) answer.headers.push('allow', error.allow.join(', '))
    if (error.status === 401 && spendsCookie(match) && sendsCookie(request, settings)) {
      answer.headers.push(
        'set-cookie',
        writeCookie(settings.cookies.refresh_token, { value: '', maxAgeSeconds: 0 }),
      )
    }
    if (error.code === 'body_too_large') answer.headers.push('connection', 'close')
    return answer
  }
}

/** Of a full line one sentence tells for all who meet it. */
const levelOf = ({ code }: AuthError): 'debug' | 'warn' | 'error' => {
  if (code === 'overloaded') return 'debug'
  return code === 'internal_error' ? 'error' : 'warn'
}

/** For the log: the path of the table, never the one that was sent, which may hold a token by mistake. */
export const nameOf = (match: Match): string | null =>
  match.found === 'route' ? match.route.path : null

export const takesCookie = ({ access }: Route): boolean => access.startsWith('refresh token')

export const sendsCookie = (request: PlainRequest, settings: HttpSettings): boolean =>
  hasRefreshCookie(header(request, 'cookie'), settings)

/** A refresh token that was refused is of no further use to the browser; one that met a 503 is. */
const spendsCookie = (match: Match): boolean => match.found === 'route' && takesCookie(match.route)
