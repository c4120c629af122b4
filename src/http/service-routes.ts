import type { Auth } from '../auth.js'
import { isTooMuch } from '../lib/clock-skew.js'
import { together } from '../lib/together.js'
import { version } from '../lib/version.js'
import type { ShapeValues } from '../profiles/presenters.js'
import { createClockWatch } from './clock-watch.js'
import { type Route, route } from './route.js'

/** What the service says about itself. */
type Report = ShapeValues['Report']
type Deps = Pick<Auth, 'store' | 'rooms' | 'options' | 'log'>

export const serviceRoutes = (
  { store, rooms, options, log }: Deps,
  others: readonly Route[],
  isReady: () => boolean,
): Route[] => {
  const startedAt = Date.now()
  const clocks = createClockWatch({ places: store.places, log })
  const uptime = (): number => Math.floor((Date.now() - startedAt) / 1000)

  const isUp = async (check: () => Promise<unknown>): Promise<boolean> => {
    try {
      await check()
      return true
    } catch (error) {
      log.warn({ err: error }, 'a health check failed')
      return false
    }
  }

  // nobody counts who asks, and looks at the store stand in no line: one at a time
  const placesUp = together(
    (): Promise<PlaceReport[]> =>
      Promise.all(
        store.places.map(async ({ name, ping, isOptional = false }) => {
          const up = await isUp(ping)
          return { name, up, canServe: up || isOptional }
        }),
      ),
  )
  const isMigrated = together(() => isUp(async () => requireNone(await store.pendingMigrations())))

  const report = (isUp: boolean, members: Report['members']): Report => ({ isUp, members })

  return [
    route({
      method: 'GET',
      path: '/',
      summary: 'Name, version and links',
      tag: 'Service',
      access: 'public',
      answers: { 200: 'About' },
      handle: async () => ({
        name: options.name,
        version,
        links: { health: '/health', keys: '/.well-known/jwks.json', ...pageLinks(others) },
      }),
    }),
    route({
      method: 'GET',
      path: '/health',
      summary: 'Whether the service and its store work',
      tag: 'Service',
      access: 'public',
      limit: 'none',
      answers: { 200: 'Report' },
      handle: async () => {
        const places = await placesUp()
        return report(
          places.every(({ canServe }) => canServe),
          {
            database: wordFor(places[0]?.up),
            stores: Object.fromEntries(places.map(({ name, up }) => [name, wordFor(up)])),
            version,
            uptime_seconds: uptime(),
          },
        )
      },
    }),
    route({
      method: 'GET',
      path: '/health/live',
      summary: 'Whether the process answers; never asks the store',
      tag: 'Service',
      access: 'public',
      limit: 'none',
      answers: { 200: 'Report' },
      handle: async () => report(true, { version, uptime_seconds: uptime() }),
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      summary:
        'Whether requests should be sent here: store, schema, keys, and that it is not about to end',
      tag: 'Service',
      access: 'public',
      limit: 'none',
      answers: { 200: 'Report' },
      handle: async () => {
        const [places, migrations, keys, skew] = await Promise.all([
          placesUp(),
          isMigrated(),
          isUp(rooms.tokens.ready),
          clocks(),
        ])
        const stores = Object.fromEntries(places.map(({ name, up }) => [name, up]))
        const accepting = isReady()
        return report(places.every(({ canServe }) => canServe) && migrations && keys && accepting, {
          database: places[0]?.up === true,
          stores,
          migrations,
          keys,
          accepting,
          ...(skew && { clock_skew_seconds: Math.round(skew.seconds) }),
          warnings: skew && isTooMuch(skew) ? ['clock_skew'] : [],
          version,
        })
      },
    }),
  ]
}

/** Whether a place answers, and whether requests can be served as it is. */
type PlaceReport = { name: string; up: boolean; canServe: boolean }

const wordFor = (up: boolean | undefined): string => (up ? 'connected' : 'unavailable')

const pages = { documentation: '/docs', openapi: '/openapi.json', try_it: '/test-login' }

/** Only what is served here. */
const pageLinks = (others: readonly Route[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(pages).filter(([, page]) => others.some(({ path }) => path === page)),
  )

const requireNone = (pending: readonly string[]): void => {
  if (pending.length > 0) throw new Error(`Migrations have not run: ${pending.join(', ')}`)
}
