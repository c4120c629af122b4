import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/openapi.js'
import { routesOf } from '../../src/http/routes.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { startNode } from './hosts.js'
import { client } from './oauth.js'
import { play } from './play.js'
import { steps } from './requests.js'
import { closed, type Schema } from './schema.js'
import { type Answer, headerOf } from './wire.js'

/** Requests that belong to an operation of the document; all others are about what lies between operations. */
const operationOf = (document: Schema, method: string, wirePath: string): Schema | undefined => {
  const [path = ''] = wirePath.replace(/^\/v1(?=\/)/, '').split('?')
  const isWritten = (written: string) =>
    new RegExp(`^${written.replace(/\{\w+\}/, '[\\w.-]+')}$`).test(path)
  const withParameter = Object.keys(document.paths ?? {}).find(isWritten)
  const asked = method.toLowerCase()
  return document.paths?.[path]?.[asked] ?? document.paths?.[withParameter ?? '']?.[asked]
}

describe('what is answered is what is written down', () => {
  let document: Schema = {}
  let answers: Answer[] = []

  beforeAll(async () => {
    const { auth } = await createTestAuth({ clients: [client] })
    const about = { name: 'test', baseUrl: 'http://localhost:8000' }
    document = closed(JSON.parse(JSON.stringify(openApiDocument(routesOf(auth), about))))
    answers = await play(startNode, steps)
  })

  const cases = steps.map((step, index) => ({ ...step, index }))

  test.each(cases)('$status $name', ({ request, index }) => {
    const answer = answers[index]
    const operation = operationOf(document, request.method, request.path)
    if (operation === undefined || answer === undefined) return

    const response = operation.responses?.[String(answer.status)]
    expect(response, `${answer.status} is declared`).toBeDefined()
    const [type = ''] = (headerOf(answer, 'content-type') ?? '').split(';')
    if (answer.body === '') {
      expect(response).not.toHaveProperty('content')
      return
    }
    const schema = response?.content?.[type]?.schema
    expect(schema, `${type} is declared`).toBeDefined()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const isRight = ajv.validate(
      { ...schema, components: document.components },
      type === 'text/html' ? answer.body : JSON.parse(answer.body),
    )
    expect(ajv.errors).toBeNull()
    expect(isRight).toBe(true)
  })

  test('every operation was asked', () => {
    const asked = new Set(
      steps.map(({ request }) => operationOf(document, request.method, request.path)),
    )
    const all = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))

    expect(all.filter((operation) => !asked.has(operation))).toEqual([])
  })
})
