import { beforeAll, describe, expect, test } from 'vitest'
import type { Auth } from '../../src/auth.js'
import {
  ownAnswer,
  type RunningHost,
  startExpress,
  startExpressJson,
  startFastify,
  startHono,
  startNode,
} from './hosts.js'
import { play } from './play.js'
import { steps } from './requests.js'
import type { Answer } from './wire.js'

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
    // knows what came twice as a list, and says where it is
    'a form parameter twice': 400,
    'a posted answer with two states': 400,
    // only the last of both is left
    'a member twice': 422,
  },
  fastify: { 'a method of other protocols': 404 },
  hono: {
    // a Request joins what came twice, which is then no token and no type
    'a token twice': 401,
    'a type twice': 415,
    // a URL has no dot segments, and app.mount() hands on a decoded path
    'a dot segment': 401,
    'an encoded letter': 401,
  },
}

/** Headers that belong to the connection or that a framework may add. All others are ours and must be the same. */
const ofTheHost = new Set(['date', 'connection', 'keep-alive', 'x-powered-by'])

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
    .replace(
      /"(access_token|refresh_token|id|next|kid|x|y|request_id|sub|sid|jti)":"[^"]+"/g,
      '"$1":"…"',
    )
    .replace(/request <code>[0-9a-z-]+/, 'request <code>…')
    .replace(/"uptime_seconds":\d+/, '"uptime_seconds":0')
    .replace(/^(refresh_token|known_device)=[^;]+/, '$1=…')
    .replace(/^"[\w-]{43}"$/, '"etag"')
    .replace(/^[0-9a-f]{12}-[0-9a-z]+$/, 'request id')

describe('every host gives the same answer', () => {
  const answers: Record<string, Answer[]> = {}

  beforeAll(async () => {
    for (const [name, { start }] of Object.entries(hosts)) answers[name] = await play(start, steps)
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
