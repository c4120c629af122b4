import { createServer } from 'node:http'
import { type Auth, createAuth } from '../../src/auth.js'
import { toNode } from '../../src/http/node.js'
import { routesOf } from '../../src/http/routes.js'
import type { ProfileName } from '../../src/profiles/dialect.js'
import { pageRoutes } from '../../src/server/pages/pages.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { withoutLimits } from '../without-limits.js'
import { listen, type RunningHost } from './hosts.js'

/** A server in memory that speaks a dialect, with its pages; where nobody can register, Grace is there already. */
export type DialectHost = RunningHost & { auth: Auth }

const grace = {
  email: 'grace@example.com',
  username: 'grace',
  password: 'Correct.Horse.42!',
}

export const startDialect = async (
  profile: ProfileName,
  responseFormat: 'bare' | 'envelope' = 'bare',
): Promise<DialectHost> => {
  const auth = createAuth({
    store: memoryStore(),
    profile,
    limits: withoutLimits,
    http: { responseFormat },
    ...(profile !== 'native' && {
      tokens: { secret: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa' },
      sessions: { secret: 'B7yHc7FmJ2sGdEau3Rk8vTq1Zx6Lw9Pb' },
    }),
  })
  if (profile === 'username') await auth.users.create(grace, { actor: 'test' })
  const { name, baseUrl } = auth.options
  const routes = pageRoutes({
    name,
    baseUrl,
    routes: routesOf(auth),
    dialect: auth.dialect,
    responseFormat,
    docs: true,
  })
  const host = await listen(createServer(toNode(auth, { routes })))
  const close = async () => {
    await host.close()
    await auth.close()
  }
  return { auth, port: host.port, close }
}
