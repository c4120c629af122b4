import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../errors.js'
import { createTestAuth } from '../testing/test-auth.js'
import { type OpenApiDocument, openApiDocument } from './openapi.js'
import type { Route } from './route.js'
import { routesOf } from './routes.js'

let routes: readonly Route[]
let document: OpenApiDocument

beforeAll(async () => {
  const { auth } = await createTestAuth()
  routes = routesOf(auth)
  // as it is read: over the wire
  document = JSON.parse(
    JSON.stringify(openApiDocument(routes, { name: 'test', baseUrl: 'https://id.example.com' })),
  )
})

const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path))

/** Every value in the document, however deep. */
const everything = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null
    ? [value, ...Object.values(value).flatMap(everything)]
    : [value]

const membersNamed = (name: string): unknown[] =>
  everything(document).flatMap((value) =>
    typeof value === 'object' && value !== null && name in value
      ? [new Map(Object.entries(value)).get(name)]
      : [],
  )

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1, as somebody else’s validator reads it', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document))

    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  test('that validator does notice mistakes', async () => {
    const broken = { ...structuredClone(document), paths: { 'no slash': {} } }

    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  test('has every route, each under an id of its own', () => {
    const ids = membersNamed('operationId')

    expect(operations()).toHaveLength(routes.length)
    for (const { path, method } of routes) {
      expect(document.paths[path]).toHaveProperty(method.toLowerCase())
    }
    expect(new Set(ids).size).toBe(routes.length)
  })

  test('refers only to what it holds', () => {
    const references = membersNamed('$ref').map(String)

    expect(references.length).toBeGreaterThan(20)
    for (const reference of references) {
      expect(document).toHaveProperty(reference.replace('#/', '').split('/'))
    }
  })

  test('declares every part of a path', () => {
    for (const { path, method } of routes.filter((route) => route.path.includes('{'))) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path' }))
      const operation = document.paths[path]?.[method.toLowerCase()]
      const { parameters }: { parameters?: unknown } = Object(operation)
      const wanted = names.map((name) => expect.objectContaining(name))
      expect(parameters).toEqual(expect.arrayContaining(wanted))
    }
  })

  test('names only refusals that exist, each under its own status', () => {
    const declared = operations().flatMap((operation) =>
      Object.entries('responses' in operation ? Object(operation.responses) : {}),
    )
    const codes = declared.flatMap(([status, response]) =>
      [...String(Object(response).description).matchAll(/^`(\w+)`: (.*)$/gm)].map(
        ([, code = '', detail]) => ({ status, code, detail }),
      ),
    )

    expect(codes.length).toBeGreaterThan(30)
    for (const { status, code, detail } of codes) {
      const entry = Object.entries(catalogue).find(([name]) => name === code)?.[1]
      expect([code, String(entry?.status), entry?.detail]).toEqual([code, status, detail])
    }
  })

  test('names the cookie as browsers hold it', () => {
    expect(document).toHaveProperty(
      'components.securitySchemes.refreshToken.name',
      '__Host-refresh_token',
    )
  })

  test('closes every body', () => {
    // what a provider posts may grow
    const bodies = operations().filter(
      (operation) =>
        'requestBody' in operation &&
        !JSON.stringify(operation).includes('post_auth_oauth_provider_callback'),
    )

    expect(bodies.length).toBeGreaterThan(5)
    for (const body of bodies) {
      expect(body).toHaveProperty(
        ['requestBody', 'content', 'application/json', 'schema', 'additionalProperties'],
        false,
      )
    }
  })

  test('shows the limit of every operation but health checks, and how long to wait', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const operation of Object.values(operations)) {
        const refused = ['responses', '429', 'headers', 'Retry-After']
        if (path.startsWith('/health')) expect(operation).not.toHaveProperty(refused)
        else expect(operation).toHaveProperty(refused)
      }
    }
  })

  test('shows that addresses may be refused where lists of them are in force', () => {
    const none = { allowedAddresses: [], deniedAddresses: [] }
    const noneForAdmin = { adminAllowedAddresses: [], adminDeniedAddresses: [] }
    const shown = (addresses: object): boolean => {
      const lists = { ...none, ...noneForAdmin, ...addresses }
      const about = { name: 'test', baseUrl: 'https://id.example.com', addresses: lists }
      return JSON.stringify(openApiDocument(routes, about).paths).includes('`address_not_allowed`')
    }

    expect(shown({})).toBe(false)
    expect(shown({ deniedAddresses: ['192.0.2.0/24'] })).toBe(true)
    expect(shown({ adminAllowedAddresses: ['10.0.0.0/8'] })).toBe(false) // nothing is under /admin yet
  })
})
