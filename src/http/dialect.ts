import { AuthError } from '../errors.js'
import { trusted } from '../lib/trusted.js'
import type { Rendering, Wire } from '../profiles/dialect.js'
import type { Presented, Presenters } from '../profiles/presenters.js'
import type { Route, Visit } from './route.js'

/** The routes of a dialect: the native ones behind other bodies and other answers. Handlers stay as they are. */
export const inDialect = (routes: readonly Route[], wire: Wire | undefined): Route[] => {
  if (wire === undefined) return [...routes]
  return routes.flatMap((route) => {
    if (isSpokenAlike(route)) return [route]
    const rendering = wire.routes[`${route.method} ${route.path}`]
    return rendering === undefined ? [] : [render(route, rendering, wire)]
  })
}

/** Pages, and what operators ask, are no part of any contract. */
const isSpokenAlike = ({ tag, path }: Route): boolean =>
  tag === 'Pages' || tag === 'Host' || path === '/health/live' || path === '/health/ready'

const render = (route: Route, rendering: Rendering, { encoding }: Wire): Route => {
  const { shape, status, body, summary = route.summary, access = route.access } = rendering
  if (shape !== route.success.shape)
    throw new Error(`${route.method} ${route.path} gives ${route.success.shape}, not ${shape}`)
  const { body: _native, bodyOptional: _optional, ...rest } = route
  return {
    ...rest,
    access,
    summary,
    success: { status, shape },
    encoding,
    ...(body && { body: body.schema }),
    ...(rendering.answer && { answerSchema: rendering.answer }),
    answer: (visit, presenters) => {
      const readBody = async () => (body ? body.read(await visit.readBody()) : undefined)
      const presented = route.answer({ ...visit, readBody }, withRendering(presenters, rendering))
      return presented.catch((error) => forgive(error, rendering, visit))
    },
  }
}

const forgive = (error: unknown, rendering: Rendering, { transport }: Visit): Presented => {
  const { forgives, present } = trusted<Rendering & { shape: 'Raw' }>(rendering) // whichever it is
  if (error instanceof AuthError && forgives?.codes.includes(error.code))
    return present(forgives.as, transport)
  throw error
}

const withRendering = (presenters: Presenters, { shape, present }: Rendering): Presenters =>
  trusted<Presenters>({ ...presenters, [shape]: present })
