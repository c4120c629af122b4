import { z } from 'zod'
import { catalogue, type ErrorCode } from '../errors.js'
import { version } from '../lib/version.js'
import { shapeSchemas } from '../profiles/native.js'
import { type AddressLists, isListed } from './address-lists.js'
import { cookieSettings } from './cookies.js'
import type { Route } from './route.js'
import { reportsUnhealthy, serviceSchemas } from './service-schemas.js'

/** OpenAPI 3.1, read off the route table: what stands here is what the server does. */
export type OpenApiDocument = {
  openapi: '3.1.0'
  paths: Record<string, Record<string, object>>
} & Record<string, unknown>

type About = {
  name: string
  baseUrl: string
  /** Lists of addresses that are in force. Default: none */
  addresses?: AddressLists
}

export const openApiDocument = (
  routes: readonly Route[],
  { name, baseUrl, addresses }: About,
): OpenApiDocument => {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes.filter(({ tag }) => tag !== 'Pages')) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(
        route,
        addresses !== undefined && isListed(addresses, route.path),
      ),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: name,
      version,
      description: 'Sign-up, login and sessions. Refusals are problem details (RFC 9457).',
    },
    servers: [
      { url: baseUrl },
      { url: `${baseUrl}/v1`, description: 'The same, promised to stay as it is' },
    ],
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(
          Object.entries(shapeSchemas)
            .filter(([shape]) => routes.some(({ success }) => success.shape === shape))
            .map(([shape, schema]) => [shape, jsonSchema(schema)]),
        ),
        Problem: problemSchema,
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        refreshToken: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieSettings(baseUrl).refresh_token.name,
        },
        ...(routes.some(({ access }) => access === 'client') && {
          client: { type: 'http', scheme: 'basic' },
        }),
      },
    },
  }
}

const operationOf = (route: Route, listed: boolean): object => ({
  operationId: operationId(route),
  summary: route.summary,
  ...(route.description && { description: route.description }),
  tags: [route.tag],
  security: securityOf(route.access),
  ...parametersOf(route),
  ...(route.body && {
    requestBody: {
      required: !route.bodyOptional,
      content: { [mediaTypes[route.encoding ?? 'json']]: { schema: jsonSchema(route.body) } },
    },
  }),
  responses: responsesOf(route, listed),
})

const mediaTypes = {
  json: 'application/json',
  lenient: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const

const operationId = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/\W+/).filter(Boolean)].join('_')

const securityOf = (access: Route['access']): object[] => {
  if (access === 'public') return []
  if (access === 'bearer' || access === 'any bearer') return [{ bearer: [] }]
  if (access === 'client') return [{ client: [] }, {}]
  return access === 'refresh token'
    ? [{ refreshToken: [] }, {}]
    : [{ refreshToken: [] }, { bearer: [] }, {}]
}

const parametersOf = ({ path, query }: Route): { parameters?: object[] } => {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const parameters = [...inPath, ...(query ? queryParameters(query) : [])]
  return parameters.length > 0 ? { parameters } : {}
}

/** Shown as what is made of them: a number travels as text, and is a number to everybody. */
const queryParameters = (query: z.ZodType): object[] => {
  const { required = [] } = z.toJSONSchema(query, { io: 'input' })
  const { properties = {} } = z.toJSONSchema(query, { io: 'output', target: 'draft-2020-12' })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

const responsesOf = (route: Route, listed: boolean): Record<string, object> => {
  const refusals = refusalsOf(route, listed)
  const success = successOf(route)
  const unhealthy = reportsUnhealthy.has(route.path) && {
    503: {
      description: 'Something is wrong; the answer says what',
      content: { ...success.content, ...problem },
    },
  }
  const unchanged = route.path.startsWith('/.well-known/') && {
    304: { description: 'If-None-Match named what is held already' },
  }
  const { status } = route.success
  return { [status]: success, ...unchanged, ...refusals, ...unhealthy, default: anyOther }
}

type Response = { description: string; content?: object; headers?: object }

const successOf = ({ path, success }: Route): Response => {
  const own = serviceSchemas[path]
  const named = success.shape in shapeSchemas
  const schema = named ? { $ref: `#/components/schemas/${success.shape}` } : own && jsonSchema(own)
  return {
    description: success.shape === 'Empty' ? 'Done' : 'OK',
    ...(schema && { content: { 'application/json': { schema } } }),
  }
}

/** What any route with a body or a query can refuse, and what this one refuses besides. */
const refusalsOf = (route: Route, listed: boolean): Record<number, Response> => {
  const ofJson: ErrorCode[] = route.encoding === 'form' ? [] : ['malformed_json', 'invalid_body']
  const general: ErrorCode[] = route.body
    ? ['body_too_large', 'unsupported_media_type', ...ofJson]
    : []
  if (route.query) general.push('invalid_query')
  const guarded: ErrorCode[] = [
    'malformed_request',
    'store_unavailable',
    ...(listed ? (['address_not_allowed'] as const) : []),
    ...(route.limit === 'none' ? [] : (['too_many_requests'] as const)),
    ...(route.method === 'GET' ? [] : (['origin_not_allowed'] as const)),
  ]
  const byStatus: Record<number, ErrorCode[]> = {}
  for (const code of new Set([...route.refusals, ...general, ...guarded])) {
    const { status } = catalogue[code]
    byStatus[status] = [...(byStatus[status] ?? []), code]
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes]) => [
      status,
      { ...refusal(codes), ...(status === '429' && { headers: limitHeaders }) },
    ]),
  )
}

const problem = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
}

const refusal = (codes: readonly ErrorCode[]): Response => ({
  description: codes.map((code) => `\`${code}\`: ${catalogue[code].detail}`).join('\n\n'),
  content: problem,
})

const inText = (description: string) => ({ description, schema: { type: 'string' } })

const limitHeaders = {
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
  'RateLimit-Policy': inText('The limits that counted this request: `q` in `w` seconds'),
  RateLimit: inText('What is left of each: `r`, until `t` seconds from now'),
}

const anyOther: Response = { description: 'Any other refusal', content: problem }

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'A page that explains the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'A sentence for people' },
    code: {
      type: 'string',
      enum: Object.keys(catalogue),
      description: 'A stable word for programs',
    },
    request_id: { type: 'string' },
    error: { type: 'string', description: 'Under /oauth: the word of RFC 6749 §5.2' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'detail'],
        properties: {
          field: { type: 'string' },
          code: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
}

/** As input, so that only bodies are closed: an answer may grow members, and clients must bear that. */
const jsonSchema = (schema: z.ZodType): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  return rest
}
