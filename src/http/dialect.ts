import { trusted } from '../lib/trusted.js'
import type { Rendering, Wire } from '../profiles/dialect.js'
import type { Presenters } from '../profiles/presenters.js'
import type { Route } from './route.js'

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
  const { shape, status, body, summary = route.summary, description } = rendering
  if (shape !== route.success.shape)
    throw new Error(`${route.method} ${route.path} gives ${route.success.shape}, not ${shape}`)
  const { body: _native, bodyOptional: _optional, ...rest } = route
  return {
    ...rest,
    summary,
    ...(description && { description }),
    success: { status, shape },
    encoding,
    ...(body && { body: body.schema }),
    ...(rendering.answer && { answerSchema: rendering.answer }),
    answer: (visit, presenters) => {
      const readBody = async () => (body ? body.read(await visit.readBody()) : undefined)
      return route.answer({ ...visit, readBody }, withRendering(presenters, rendering))
    },
  }
}

const withRendering = (presenters: Presenters, { shape, present }: Rendering): Presenters =>
  trusted<Presenters>({ ...presenters, [shape]: present })
