import type { Wire } from '../profiles/dialect.js'
import type { Worded } from './openapi-refusals.js'
import type { Components } from './openapi-schemas.js'
import { refusalSchemaOf } from './refusal-schemas.js'
import type { Route } from './route.js'
import { reportsUnhealthy } from './service-schemas.js'

type About = {
  wire: Wire | undefined
  components: Components
  /** What it answers when all is well. */
  schema: object
}

/** What a health check answers when something is wrong: the same with other words, or a refusal of the dialect. */
export const unhealthyAnswers = (
  { method, path, answerSchema }: Route,
  { wire, components, schema }: About,
): Worded[] => {
  if (!reportsUnhealthy.has(path)) return []
  const sentence = 'Something is wrong; the answer says what'
  const common = { name: 'unhealthy', sentence, type: 'application/json' }
  const rendering = wire?.routes[`${method} ${path}`]
  if (rendering === undefined && answerSchema) return [] // a refusal, in an envelope
  if (rendering?.shape !== 'Report') return [{ ...common, status: 503, schema }]
  const presented = rendering.present({ isUp: false, members: sampleMembers }, 'body')
  if ('raw' in presented || presented.status === undefined) return []
  const { status, body } = presented
  const isAlike = rendering.answer?.safeParse(body).success
  return [{ ...common, status, schema: isAlike ? schema : refusalSchemaOf(body, components) }]
}

const sampleMembers = {
  database: 'unavailable',
  stores: { database: 'unavailable' },
  version: '1.0.0',
  uptime_seconds: 0,
}
