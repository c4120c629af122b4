import { beforeAll, describe, expect, test } from 'vitest'
import type { Auth } from '../../src/auth.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import {
  ownAnswer,
  type RunningHost,
  startExpress,
  startExpressJson,
  startFastify,
  startHono,
  startNode,
} from './hosts.js'
import { type Step, steps } from './requests.js'
import { type Answer, exchange, headerOf, type WireRequest } from './wire.js'

/** Every host, and whether it has routes of its own besides latchkey's. */
const hosts: Readonly<
  Record<string, { start(auth: Auth): Promise<RunningHost>; isShared: boolean }>
> = {
  node: { start: startNode, isShared: false },
  express: { start: startExpress, isShared: true },
  'express after express.json()': { start: startExpressJson, isShared: true },
  fastify: { start: startFastify, isShared: true },
  hono: { start: startHono, isShared: false },
}

/** Where a host decides before latchkey is asked, or shows it less than was sent: name of the request → status. */
const decidedBefore: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'express after express.json()': {
    'another charset': 400,
    'a compressed body': 400,
    'half of the JSON': 400,
    'no JSON': 400,
    null: 400,
    // says which members are missing
    'an empty chunked body': 422,
    // only the last of both is left
    'a member twice': 422,
  },
  // app.mount() hands on a decoded path
  hono: { 'an encoded letter': 401 },
}

/** Headers that belong to the connection or that a framework may add. All others are ours and must be the same. */
const ofTheHost = new Set(['date', 'connection', 'keep-alive', 'x-powered-by'])

type Memory = Record<string, string>

/** Each host has an account, a store and a clock of its own, in the same state. */
const ask = async (start: (auth: Auth) => Promise<RunningHost>): Promise<Answer[]> => {
  const { auth } = await createTestAuth({
    http: { allowedOrigins: ['https://app.example.com'] },
  })
  const host = await start(auth)
  const memory: Memory = {}
  const answers: Answer[] = []
  for (const step of steps) {
    const answer = await exchange(host.port, fill(step.request, memory))
    remember(memory, step, answer)
    answers.push(answer)
  }
  await host.close()
  await auth.close()
  return answers
}

const fill = (request: WireRequest, memory: Memory): WireRequest => {
  const put = (text: string) =>
    text.replace(/\{(access|refresh|cookie|session)\}/g, (_, name: string) => memory[name] ?? '')
  return {
    method: request.method,
    path: put(request.path),
    headers: (request.headers ?? []).map(([name, value]) => [name, put(value)] as const),
    body: request.body === undefined ? undefined : put(request.body),
  }
}

const remember = (memory: Memory, { keep = {} }: Step, answer: Answer): void => {
  for (const [name, path] of Object.entries(keep)) memory[name] = memberOf(answer.body, path)
  const [, cookie] = /^refresh_token=([^;]+)/.exec(headerOf(answer, 'set-cookie') ?? '') ?? []
  if (cookie !== undefined) memory.cookie = cookie
}

const memberOf = (body: string, path: string): string => {
  let value: unknown = body.startsWith('{') ? JSON.parse(body) : {}
  for (const key of path.split('.')) value = Object(value)[key]
  return String(value)
}

/** What differs from run to run is replaced; everything else has to be the same. */
const comparable = ({ status, headers, body }: Answer) => ({
  status,
  headers: headers
    .filter(([name]) => !ofTheHost.has(name))
    .map(([name, value]) => `${name}: ${withoutChance(value)}`)
    .sort(),
  body: withoutChance(body),
})

const withoutChance = (text: string): string =>
  text
    .replace(/"(access_token|refresh_token|id|kid|x|y|request_id)":"[^"]+"/g, '"$1":"…"')
    .replace(/"uptime_seconds":\d+/, '"uptime_seconds":0')
    .replace(/^refresh_token=[^;]+/, 'refresh_token=…')
    .replace(/^"[\w-]{43}"$/, '"etag"')
    .replace(/^[0-9a-f]{12}-[0-9a-z]+$/, 'request id')

describe('every host gives the same answer', () => {
  const answers: Record<string, Answer[]> = {}

  beforeAll(async () => {
    for (const [name, { start }] of Object.entries(hosts)) answers[name] = await ask(start)
  })

  const cases = steps.map((step, index) => ({
    ...step,
    index,
    title: `${step.status} ${step.name}`,
  }))

  test.each(cases)('$title', ({ index, status, foreign, name: stepName }) => {
    const [reference] = answers.node?.slice(index) ?? []
    if (reference === undefined) throw new Error('the reference host gave no answer')

    expect(reference.status).toBe(status)
    for (const [name, { isShared }] of Object.entries(hosts)) {
      const answer = answers[name]?.[index]
      if (answer === undefined) throw new Error(`${name} gave no answer`)
      const before = decidedBefore[name]?.[stepName]
      if (before !== undefined)
        expect({ name, status: answer.status }).toEqual({ name, status: before })
      else if (foreign && isShared)
        expect({ name, status: answer.status, body: answer.body }).toEqual({ name, ...ownAnswer })
      else expect({ name, ...comparable(answer) }).toEqual({ name, ...comparable(reference) })
    }
  })
})
