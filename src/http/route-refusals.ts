import { AuthError, type ErrorCode, type Reason } from '../errors.js'
import type { Wire } from '../profiles/dialect.js'
import { membersOf } from './openapi-schemas.js'
import type { Route } from './route.js'

type About = {
  /** Whether a list of addresses stands before this route. */
  isListed: boolean
}

/** What any route with a body or a query can refuse, and what this one refuses besides. */
export const refusable = (route: Route, { isListed }: About): ErrorCode[] => {
  const { encoding = 'json' } = route
  const ofJson: ErrorCode[] = encoding === 'form' ? [] : ['malformed_json', 'invalid_body']
  const ofType: ErrorCode[] = encoding === 'lenient' ? [] : ['unsupported_media_type']
  const general: ErrorCode[] = route.body ? ['body_too_large', ...ofType, ...ofJson] : []
  if (route.query) general.push('invalid_query')
  const guarded: ErrorCode[] = [
    'malformed_request',
    'store_unavailable',
    ...(isListed ? (['address_not_allowed'] as const) : []),
    ...(route.limit === 'none' ? [] : (['too_many_requests'] as const)),
    ...(route.method === 'GET' ? [] : (['origin_not_allowed'] as const)),
  ]
  const own = route.refusals.filter((code) => canHappen(code, route))
  return [...new Set([...own, ...general, ...guarded])]
}

/** Where no username is sent nobody can take one. */
const canHappen = (code: ErrorCode, { body }: Route): boolean =>
  code !== 'username_taken' || body === undefined || membersOf(body).includes('username')

/** A refusal in each of the ways in which a dialect may word it. */
export const waysOf = (code: ErrorCode, route: Route, wire: Wire | undefined): AuthError[] => {
  if (code === 'invalid_body') return [bodyRefusal(route, wire)]
  if (code === 'invalid_query') return [new AuthError(code, { fields: sampleParameter })]
  if (code !== 'invalid_token') return [new AuthError(code)]
  const reasons = route.access === 'bearer' ? tokenReasons : []
  return [new AuthError(code), ...reasons.map((reason) => new AuthError(code, { reason }))]
}

const tokenReasons: readonly Reason[] = ['expired', 'wrong_type', 'wrong_scheme', 'unknown_user']

/** What the dialect itself says to an object without members. */
const bodyRefusal = ({ method, path, body }: Route, wire: Wire | undefined): AuthError => {
  try {
    wire?.routes[`${method} ${path}`]?.body?.read({})
  } catch (error) {
    if (error instanceof AuthError) return error
  }
  const [field = 'body'] = body === undefined ? [] : membersOf(body)
  return new AuthError('invalid_body', {
    fields: [{ field, code: 'required', detail: 'This is required.' }],
  })
}

const sampleParameter = [
  { field: 'limit', code: 'invalid', detail: 'This must be a whole number from 1 to 100.' },
]
