import type { AuthError } from '../errors.js'
import type { Wire } from '../profiles/dialect.js'
import type { RawAnswer } from '../profiles/presenters.js'
import { dataHeaders } from './headers.js'
import type { PlainAnswer, PlainRequest } from './plain.js'
import { challengeOf, helpFor, oauthError, problemOf } from './problem.js'

/** Answers as plain values, from what was presented or refused. */
export const jsonType = 'application/json; charset=utf-8'

/** Without a length hosts would announce pieces of a body that never comes (RFC 9112 §6.3). */
const nothing = ['content-length', '0']

export const dataAnswer = (status: number, value: unknown, contentType: string): PlainAnswer =>
  value === undefined
    ? { status, headers: [...dataHeaders, ...(status === 204 ? [] : nothing)], body: undefined }
    : {
        status,
        headers: ['content-type', contentType, ...dataHeaders],
        body: JSON.stringify(value),
      }

/** What the caller holds already is not sent again (RFC 9110 §13.1.2). */
export const rawAnswer = (
  { status = 200, contentType, body, headers = {} }: RawAnswer,
  held: string | undefined,
): PlainAnswer => {
  const own = dataHeaders.flatMap((name, index) =>
    index % 2 === 0 && !(name in headers) ? [name, dataHeaders[index + 1] ?? ''] : [],
  )
  const all = ['content-type', contentType, ...Object.entries(headers).flat(), ...own]
  const isHeld = headers.etag !== undefined && headers.etag === held
  return isHeld ? { status: 304, headers: all, body: undefined } : { status, headers: all, body }
}

type Refused = {
  request: Pick<PlainRequest, 'method' | 'path'>
  baseUrl: string
  requestId: string
  isOAuth: boolean
}

/** A refusal in the native dialect (RFC 9457). */
export const problemAnswer = (
  error: AuthError,
  { baseUrl, requestId, isOAuth }: Refused,
): { answer: PlainAnswer; tellsWhen?: boolean } => {
  const answer = dataAnswer(
    error.status,
    { ...problemOf(error, baseUrl, requestId), ...(isOAuth && oauthError(error)) },
    'application/problem+json; charset=utf-8',
  )
  if (error.status === 401) answer.headers.push('www-authenticate', challengeOf(error))
  return { answer }
}

/** A refusal in other words. */
export const wordedAnswer = (
  refuse: Wire['refuse'],
  error: AuthError,
  { request: { method, path }, baseUrl, requestId }: Refused,
): { answer: PlainAnswer; tellsWhen?: boolean } => {
  const refusal = refuse(error, {
    method,
    path: path.replace(/^\/v1(?=\/)/, ''),
    requestId,
    help: helpFor(error, baseUrl),
  })
  const { status, body, contentType = jsonType, headers = [], tellsWhen = true } = refusal
  const answer = dataAnswer(status, body, contentType)
  answer.headers.push(...headers)
  return { answer, tellsWhen }
}
