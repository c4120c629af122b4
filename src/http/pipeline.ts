import type { Auth } from '../auth.js'
import { presenters } from '../profiles/native.js'
import { createAdmission } from './admission.js'
import { refuserOf } from './in-envelope.js'
import type { Route } from './route.js'
import { routesOf } from './routes.js'
import { createPipeline, type Pipeline } from './run.js'
import { httpSettings } from './settings.js'

export type HostOptions = {
  /** Routes besides those of latchkey, such as the pages of latchkey/server. */
  routes?: readonly Route[]
  /** Whether `/`, `/health`, `/health/live` and `/health/ready` are answered; a host may have its own. Default true. */
  serviceRoutes?: boolean
  /** Whether the host wants requests. While it does not, /health/ready says 503, and nothing else changes. Default: always. */
  isReady?: () => boolean
}

/** The pipeline of an auth object, as every host runs it. */
export const pipelineFor = (
  auth: Auth,
  { routes = [], serviceRoutes = true, isReady }: HostOptions = {},
): Pipeline => {
  const { limits, knownDevices } = auth.rooms
  return createPipeline({
    auth,
    admission: createAdmission({ addresses: auth.options.http, limits, knownDevices }),
    routes: routesOf(auth, routes, isReady).filter(({ tag }) => serviceRoutes || tag !== 'Service'),
    presenters,
    wire: auth.dialect.wire,
    refuse: refuserOf(auth.dialect.wire, auth.options.http.responseFormat),
    settings: httpSettings(
      {
        baseUrl: auth.options.baseUrl,
        ...auth.options.http,
        takesCookieOfBefore: auth.options.legacy !== undefined,
      },
      auth.dialect.wire,
    ),
  })
}
