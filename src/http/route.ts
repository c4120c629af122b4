import type { z } from 'zod'
import { AuthError, type ErrorCode } from '../errors.js'
import type { RouteLimit } from '../features/limits/rate-limits.js'
import type { SignedIn } from '../features/sessions/live-sessions.js'
import type { Caller } from '../lib/caller.js'
import type {
  Presented,
  Presenters,
  ShapeName,
  ShapeValues,
  Transport,
} from '../profiles/presenters.js'
import { readBody } from './body.js'
import { readQuery } from './query.js'

/** Routes are data: the table of them is the server, and OpenAPI is a reading of it. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** What every handler is given. */
export type Input<Body, Query = undefined> = {
  body: Body
  query: Query
  /** Values of the `{name}` parts of the path. */
  params: Readonly<Record<string, string>>
  caller: Caller
  /** The refresh token of the cookie, if one was sent. */
  cookieToken: string | undefined
  /** The cookie by which a sign-in under way knows its browser, on routes that ask for it. */
  browserCookie: string | undefined
  /** The bearer token as it was sent, not yet believed. */
  bearerToken: string | undefined
}

type Success<Shape extends ShapeName> =
  | { 200: Shape }
  | { 303: Shape }
  | { 201: Shape }
  | { 202: Shape }
  | { 204: Shape }
type Refusals = { [Status in (typeof refusing)[number]]?: ErrorCode | readonly ErrorCode[] }

type Common<Shape extends ShapeName, Body, Query> = {
  method: Method
  path: string
  summary: string
  description?: string
  tag: 'Signing in' | 'Sessions' | 'Account' | 'OAuth' | 'Keys' | 'Service' | 'Pages' | 'Host'
  /** How often one may ask, besides the limit of all requests; `none` is not even counted among those. */
  limit?: { name: RouteLimit } | 'none'
  /** Parameters that are accepted, all others refused. Without it a query is ignored. */
  query?: z.ZodType<Query>
  /** How long a query may be. Default: far more than most routes ask for. */
  mostQueryCharacters?: number
  /** JSON that is accepted, all other members refused. */
  body?: z.ZodType<Body>
  /** How the body is sent. Default: json. lenient: what is sent as anything else is a text. */
  encoding?: 'json' | 'form' | 'lenient'
  /** A cookie that is read, whatever the access. */
  cookie?: 'refresh token' | 'oauth browser'
  /** People come here with their browser: what is refused is told to them as a page. */
  isVisited?: true
  /** A visit needs something that only the app has from which people come: no page of ours can begin it. */
  startsInApps?: boolean
  /** Pages of any site may send a browser here with what they like: nothing is changed by it. */
  anyOrigin?: true
  /** The body may be left out; the handler is given what the schema makes of {}. */
  bodyOptional?: boolean
  answers: Success<Shape> & Refusals
}

/** `access` has no default: forgetting it does not compile. */
export type Definition<Shape extends ShapeName, Body, Query = undefined> = Common<
  Shape,
  Body,
  Query
> &
  (
    | { access: 'public'; handle(input: Input<Body, Query>): Promise<ShapeValues[Shape]> }
    | {
        access: 'bearer'
        handle(input: Input<Body, Query> & { signedIn: SignedIn }): Promise<ShapeValues[Shape]>
      }
    | {
        /** A service of the host, which authenticates itself and no user. */
        access: 'client'
        handle(input: Input<Body, Query> & { clientId: string }): Promise<ShapeValues[Shape]>
      }
    | {
        /** A bearer token that the handler judges by itself: it may be that of somebody else. */
        access: 'any bearer'
        handle(input: Input<Body, Query> & { bearerToken: string }): Promise<ShapeValues[Shape]>
      }
    | {
        /** The same, or none. */
        access: 'public or bearer'
        handle(input: Input<Body, Query>): Promise<ShapeValues[Shape]>
      }
    | {
        access: 'refresh token' | 'refresh token or bearer'
        handle(input: Input<Body, Query>): Promise<ShapeValues[Shape]>
      }
  )

/** A request on its way through the pipeline, as far as a route needs it. */
export type Visit = Omit<Input<unknown, unknown>, 'body' | 'query'> & {
  /** As it was sent. */
  query: string
  transport: Transport
  authenticate(): Promise<SignedIn>
  /** The id of the client that sent this form. */
  authenticateClient(form: unknown): string
  /** The parsed body, undefined when there is none. */
  readBody(): Promise<unknown>
}

export type Route = Omit<Common<ShapeName, unknown, unknown>, 'answers'> & {
  access: Definition<ShapeName, unknown>['access']
  success: { status: number; shape: ShapeName }
  refusals: readonly ErrorCode[]
  /** What is answered, where that is not what the shape says natively. */
  answerSchema?: z.ZodType
  answer(visit: Visit, presenters: Presenters): Promise<Presented>
}

export const route = <Shape extends ShapeName, Body = undefined, Query = undefined>(
  definition: Definition<Shape, Body, Query>,
): Route => {
  const { answers, handle: _handle, body, query, ...common } = definition
  const success = successOf(answers)
  return {
    ...common,
    ...(body && { body }),
    ...(query && { query }),
    success,
    refusals: refusalsOf(answers),
    answer: async (visit, presenters) => {
      const value = await handle(definition, visit)
      return presenters[success.shape](value, visit.transport)
    },
  }
}

/** Who is asking is settled before query and body are looked at. */
const handle = async <Shape extends ShapeName, Body, Query>(
  definition: Definition<Shape, Body, Query>,
  visit: Visit,
): Promise<ShapeValues[Shape]> => {
  if (definition.access === 'bearer') {
    const signedIn = await visit.authenticate()
    return definition.handle({ signedIn, ...(await inputOf(definition, visit)) })
  }
  if (definition.access === 'any bearer') {
    if (visit.bearerToken === undefined) throw new AuthError('missing_token')
    const { bearerToken } = visit
    return definition.handle({ ...(await inputOf(definition, visit)), bearerToken })
  }
  if (definition.access === 'client') {
    const form = await visit.readBody()
    const clientId = visit.authenticateClient(form)
    const input = await inputOf(definition, { ...visit, readBody: async () => form })
    return definition.handle({ ...input, clientId })
  }
  return definition.handle(await inputOf(definition, visit))
}

const inputOf = async <Shape extends ShapeName, Body, Query>(
  definition: Definition<Shape, Body, Query>,
  { params, query, caller, cookieToken, browserCookie, bearerToken, readBody: read }: Visit,
): Promise<Input<Body, Query>> => ({
  query: readQuery(definition.query, query, definition.mostQueryCharacters),
  body: await readBody(definition, read),
  params,
  caller,
  cookieToken,
  browserCookie,
  bearerToken,
})

const successOf = <Shape extends ShapeName>(
  answers: Success<Shape>,
): { status: number; shape: Shape } => {
  if (200 in answers) return { status: 200, shape: answers[200] }
  if (201 in answers) return { status: 201, shape: answers[201] }
  if (202 in answers) return { status: 202, shape: answers[202] }
  if (303 in answers) return { status: 303, shape: answers[303] }
  return { status: 204, shape: answers[204] }
}

const refusalsOf = (answers: Refusals): ErrorCode[] =>
  refusing.flatMap((status) => answers[status] ?? [])

const refusing = [400, 401, 403, 404, 405, 409, 429, 503] as const
