import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../auth.js'
import { type ProfileName, profileNames } from '../profiles/dialect.js'
import { memoryStore } from '../stores/memory/memory.js'
import { openApiDocument } from './openapi.js'
import { routesOf } from './routes.js'

const authOf = (profile: ProfileName): Auth =>
  createAuth({
    store: memoryStore(),
    profile,
    tokens: { secret: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa' },
    sessions: { secret: 'B7yHc7FmJ2sGdEau3Rk8vTq1Zx6Lw9Pb' },
  })

const documentOf = async (profile: ProfileName) => {
  const auth = authOf(profile)
  const about = { name: 'test', baseUrl: 'https://id.example.com', dialect: auth.dialect }
  const document = openApiDocument(routesOf(auth), about)
  await auth.close()
  return JSON.parse(JSON.stringify(document))
}

const dialects = profileNames.filter((name) => name !== 'native')

describe.each(dialects)('the OpenAPI document of %s', (profile) => {
  test('is valid OpenAPI 3.1, and has no server under /v1', async () => {
    const document = await documentOf(profile)
    const result = await new Validator().validate(structuredClone(document))

    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(document.servers).toEqual([{ url: 'https://id.example.com' }])
  })

  test('names no problem details, and every schema that it refers to', async () => {
    const document = await documentOf(profile)
    const text = JSON.stringify(document)
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)

    expect(text).not.toContain('problem+json')
    expect(new Set(names)).toEqual(new Set(Object.keys(document.components.schemas)))
  })
})

test.each([
  ['username', undefined],
  ['cookie', 'refresh_token'],
  ['strict', undefined],
  ['flat', undefined],
  ['envelope', 'refresh_token'],
] as const)('the refresh cookie of %s: %s', async (profile, name) => {
  const { components } = await documentOf(profile)

  expect(components.securitySchemes.refreshToken?.name).toBe(name)
})

test('refusals are worded as the dialect words them, and those it forgives are not shown', async () => {
  const { paths } = await documentOf('strict')
  const { responses } = paths['/auth/me'].get

  expect(responses['403'].content['application/json'].examples).toMatchObject({
    missing_token: { value: { detail: 'Not authenticated' } },
    wrong_scheme: { value: { detail: 'Invalid authentication credentials' } },
  })
  expect(responses['401'].description).toContain('Token expired')
  const { paths: ofCookie } = await documentOf('cookie')
  expect(ofCookie['/auth/logout'].post.responses).not.toHaveProperty('401')
})

test('of all that providers are for, envelope shows the one way it has, in its own words', async () => {
  const { paths, components } = await documentOf('envelope')
  const { post } = paths['/auth/oauth/{provider}']
  const detailOf = (status: string) =>
    Object.values<{ value: { details: { detail: string } } }>(
      post.responses[status].content['application/json'].examples,
    ).map(({ value }) => value.details.detail)

  expect(Object.keys(paths).filter((path) => /oauth|identities/.test(path))).toEqual([
    '/auth/oauth/{provider}',
  ])
  expect(Object.keys(paths['/auth/oauth/{provider}'])).not.toContain('get')
  expect(post.requestBody).toBeUndefined()
  expect(post.description).not.toContain('id_token')
  expect(JSON.stringify(components.schemas.OauthAnswer)).toContain('expires_in')
  expect(new Set(detailOf('400'))).toContain('Unsupported OAuth provider')
  expect(new Set(detailOf('401'))).toEqual(
    new Set(['Not authenticated', 'OAuth authentication failed']),
  )
  expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['200', '400', '401', '503']))
  expect(Object.keys(post.responses)).not.toContain('409')
  expect(components.schemas).not.toHaveProperty('Identity')
})

test.each(['username', 'cookie', 'strict', 'flat'] as const)(
  'nothing of providers is in the document of %s',
  async (profile) => {
    expect(JSON.stringify(Object.keys((await documentOf(profile)).paths))).not.toMatch(
      /oauth|ident/,
    )
  },
)
