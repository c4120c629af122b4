import { z } from 'zod'
import { version } from '../lib/version.js'
import type { Dialect, Wire } from '../profiles/dialect.js'
import { native } from '../profiles/native.js'
import { type AddressLists, isListed } from './address-lists.js'
import { cookieSettings } from './cookies.js'
import { refuserOf } from './in-envelope.js'
import { unhealthyAnswers } from './openapi-health.js'
import { createRefusalReader, type RefusalReader } from './openapi-refusals.js'
import { bodySchema, type Components, createComponents, jsonSchema } from './openapi-schemas.js'
import type { Route } from './route.js'
import { serviceSchemas } from './service-schemas.js'

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
  /** The dialect of the routes. Default: native */
  dialect?: SpokenDialect
  /** Whether native answers are in envelopes. Default: bare */
  responseFormat?: 'bare' | 'envelope'
}
type SpokenDialect = Pick<Dialect, 'name' | 'wire' | 'options'>

/** Where something is written down, and how it is spoken. */
type Context = {
  components: Components
  refusals: RefusalReader
  wire: Wire | undefined
  hasCookie: boolean
}

export const openApiDocument = (
  all: readonly Route[],
  { name, baseUrl, addresses, dialect = native, responseFormat = 'bare' }: About,
): OpenApiDocument => {
  const routes = all.filter(({ tag }) => tag !== 'Pages')
  const { wire } = dialect
  const refuse = refuserOf(wire, responseFormat)
  const components = createComponents(routes)
  const refusals = createRefusalReader({
    wire,
    refuse,
    baseUrl,
    components,
    isListed: ({ path }) => addresses !== undefined && isListed(addresses, path),
  })
  const hasCookie = takesCookies(routes, dialect)
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const operation = operationOf(route, { components, refusals, wire, hasCookie })
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.0',
    info: { title: name, version, description: descriptionOf(dialect, refuse) },
    servers: serversOf(baseUrl, dialect),
    paths,
    components: {
      schemas: components.all(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        ...(hasCookie && {
          refreshToken: {
            type: 'apiKey',
            in: 'cookie',
            name: cookieSettings(baseUrl, wire?.cookie).refresh_token.name,
          },
        }),
        ...(routes.some(({ access }) => access === 'client') && {
          client: { type: 'http', scheme: 'basic' },
        }),
      },
    },
  }
}

const takesCookies = (routes: readonly Route[], { options }: SpokenDialect): boolean =>
  options.http?.refreshTokenTransport !== 'body' &&
  routes.some(({ access }) => access.startsWith('refresh token'))

const descriptionOf = ({ name }: SpokenDialect, refuse: Wire['refuse'] | undefined): string => {
  if (refuse === undefined)
    return 'Sign-up, login and sessions. Refusals are problem details (RFC 9457).'
  return name === 'native'
    ? 'Sign-up, login and sessions, every answer in an envelope.'
    : `Sign-up, login and sessions, spoken as \`AUTH_PROFILE=${name}\`.`
}

/** What answers under /v1 in a dialect is no part of its contract. */
const serversOf = (baseUrl: string, { name }: SpokenDialect): object[] => [
  { url: baseUrl },
  ...(name === 'native'
    ? [{ url: `${baseUrl}/v1`, description: 'The same, promised to stay as it is' }]
    : []),
]

const operationOf = (route: Route, context: Context): object => ({
  operationId: operationId(route),
  summary: route.summary,
  ...(route.description && { description: route.description }),
  tags: [route.tag],
  security: securityOf(route, context),
  ...parametersOf(route),
  ...(route.body && {
    requestBody: {
      required: !route.bodyOptional,
      content: { [mediaTypes[route.encoding ?? 'json']]: { schema: bodySchema(route.body) } },
    },
  }),
  responses: responsesOf(route, context),
})

const mediaTypes = {
  json: 'application/json',
  lenient: 'application/json',
  form: 'application/x-www-form-urlencoded',
} as const

const operationId = ({ method, path }: Route): string =>
  [method.toLowerCase(), ...path.split(/\W+/).filter(Boolean)].join('_')

const securityOf = ({ access }: Route, { hasCookie }: Context): object[] => {
  if (access === 'public') return []
  if (access === 'bearer' || access === 'any bearer') return [{ bearer: [] }]
  if (access === 'public or bearer') return [{ bearer: [] }, {}]
  if (access === 'client') return [{ client: [] }, {}]
  const byCookie = hasCookie ? [{ refreshToken: [] }] : []
  return access === 'refresh token' ? [...byCookie, {}] : [...byCookie, { bearer: [] }, {}]
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

const responsesOf = (
  route: Route,
  { components, refusals, wire }: Context,
): Record<string, object> => {
  const schema = answerSchemaOf(route, components)
  const unchanged = route.path.startsWith('/.well-known/') && {
    304: { description: 'If-None-Match named what is held already' },
  }
  const unhealthy = unhealthyAnswers(route, { wire, components, schema: schema ?? {} })
  const { status, shape } = route.success
  const description = descriptions[shape] ?? 'OK'
  const refused = refusals.of(route, unhealthy)
  const success = { name: 'ok', status, sentence: description, type: 'application/json' }
  return {
    [status]: {
      description,
      ...(status === 303 && { headers: { Location: locationHeader } }),
      ...(schema && { content: { 'application/json': { schema } } }),
    },
    ...unchanged,
    // some refuse with the status of a success
    ...(status in refused && schema
      ? refusals.of(route, [{ ...success, schema }, ...unhealthy])
      : refused),
    default: refusals.anyOther(route),
  }
}

const descriptions: Readonly<Record<string, string>> = {
  Empty: 'Done',
  Onward: 'The browser goes on',
}
const locationHeader = {
  description: 'Where to; nothing has to be read out of it',
  schema: { type: 'string', format: 'uri' },
}

const answerSchemaOf = (route: Route, components: Components): object | undefined => {
  const own = route.answerSchema === undefined ? serviceSchemas[route.path] : undefined
  return components.answerOf(route) ?? (own && jsonSchema(own))
}
