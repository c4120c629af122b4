import { type AuthError, catalogue, type ErrorCode } from '../errors.js'
import type { Wire } from '../profiles/dialect.js'
import type { Components } from './openapi-schemas.js'
import { helpFor } from './problem.js'
import { problemSchema, refusalSchemaOf, sentenceOf } from './refusal-schemas.js'
import type { Route } from './route.js'
import { refusable, waysOf } from './route-refusals.js'

/** What routes refuse, as OpenAPI has it. A dialect is asked how it words each refusal: there is no second table. */
export type RefusalReader = {
  /** By status. `others`: what this route says besides, when something is wrong. */
  of(route: Route, others: readonly Worded[]): Record<string, Response>
  anyOther(route: Route): Response
}
export type Response = { description: string; content?: Content; headers?: object }
type Content = Record<string, { schema: object; examples?: object }>

/** One refusal as it is given. */
export type Worded = {
  name: string
  status: number
  sentence: string
  type: string
  schema: object
  example?: unknown
}

type Deps = {
  wire: Wire | undefined
  /** Who words refusals, where they are not problem details. */
  refuse: Wire['refuse'] | undefined
  baseUrl: string
  components: Components
  /** Whether a list of addresses stands before this route. */
  isListed(route: Route): boolean
}

export const createRefusalReader = (deps: Deps): RefusalReader => {
  const { wire, refuse, components, isListed, baseUrl } = deps

  const problem = (code: ErrorCode): Worded => ({
    name: code,
    status: catalogue[code].status,
    sentence: `\`${code}\`: ${catalogue[code].detail}`,
    type: 'application/problem+json',
    schema: components.refer('Problem', problemSchema),
  })

  const wordedBy = (words: Wire['refuse'], error: AuthError, route: Route): Worded => {
    const { method, path } = route
    const about = { method, path, requestId: sampleRequestId, help: helpFor(error, baseUrl) }
    const { status, body, contentType = 'application/json' } = words(error, about)
    return {
      name: error.reason ?? error.code,
      status,
      sentence: sentenceOf(body) ?? error.message,
      type: contentType.replace(/;.*$/, ''),
      schema: refusalSchemaOf(body, components),
      example: body,
    }
  }

  const wordsOf = (code: ErrorCode, route: Route): Worded[] =>
    refuse === undefined || route.access === 'client'
      ? [problem(code)]
      : waysOf(code, route, wire).map((error) => wordedBy(refuse, error, route))

  return {
    of: (route, others) => {
      const codes = refusable(route, { isListed: isListed(route) })
      const byStatus: Record<string, Worded[]> = {}
      for (const each of [...others, ...codes.flatMap((code) => wordsOf(code, route))]) {
        byStatus[each.status] = [...(byStatus[each.status] ?? []), each]
      }
      return Object.fromEntries(
        Object.entries(byStatus).map(([status, refusals]) => [
          status,
          {
            description: [...new Set(refusals.map(({ sentence }) => sentence))].join('\n\n'),
            content: { ...contentOf(refusals), ...(route.isVisited && asPage) },
            ...(status === '429' && { headers: limitHeaders }),
          },
        ]),
      )
    },
    anyOther: (route) => ({
      description: 'Any other refusal',
      content: {
        ...contentOf(wordsOf('internal_error', route)),
        ...(route.isVisited && asPage),
      },
    }),
  }
}

/** For browsers that ask for it. */
const asPage = { 'text/html': { schema: { type: 'string' } } }

const sampleRequestId = 'a1b2c3d4e5f6-1'

const contentOf = (refusals: readonly Worded[]): Content => {
  const types = new Set(refusals.map(({ type }) => type))
  return Object.fromEntries(
    [...types].map((wanted) => [wanted, mediaOf(refusals.filter(({ type }) => type === wanted))]),
  )
}

const mediaOf = (refusals: readonly Worded[]): { schema: object; examples?: object } => {
  const byText = new Map(refusals.map(({ schema }) => [JSON.stringify(schema), schema]))
  const [schema = {}, ...others] = byText.values()
  const examples = refusals.flatMap(({ name, example }) =>
    example === undefined ? [] : [[name, { value: example }] as const],
  )
  return {
    schema: others.length > 0 ? { anyOf: [schema, ...others] } : schema,
    ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
  }
}

const inText = (description: string) => ({ description, schema: { type: 'string' } })

const limitHeaders = {
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
  'RateLimit-Policy': inText('The limits that counted this request: `q` in `w` seconds'),
  RateLimit: inText('What is left of each: `r`, until `t` seconds from now'),
}
