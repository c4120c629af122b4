import type { Route } from './route.js'

/** Finds the route of an exact path. Nothing is decoded, folded or merged: one path has one spelling. */
export type Match =
  | { found: 'route'; route: Route; params: Readonly<Record<string, string>> }
  | { found: 'path'; methods: readonly string[] }
  | { found: 'nothing' }

type ByMethod = Map<string, Route>

const noParams = {}
const segment = /^[A-Za-z0-9._~-]+$/

export const createRouter = (routes: readonly Route[]) => {
  const exact = new Map<string, ByMethod>()
  const withParam: { before: string; name: string; after: string; byMethod: ByMethod }[] = []

  for (const route of routes)
    for (const path of [route.path, versioned(route.path)]) add(path, route)

  function add(path: string, route: Route): void {
    const [, before, name, after = ''] = /^(.*\/)\{(\w+)\}(\/.*)?$/.exec(path) ?? []
    if (before === undefined || name === undefined) {
      const byMethod = exact.get(path) ?? new Map()
      exact.set(path, byMethod.set(route.method, route))
      return
    }
    const known = withParam.find((entry) => entry.before === before && entry.after === after)
    if (known) known.byMethod.set(route.method, route)
    else withParam.push({ before, name, after, byMethod: new Map([[route.method, route]]) })
  }

  return {
    find: (method: string, path: string): Match => {
      const byMethod = exact.get(path)
      if (byMethod !== undefined) return pick(byMethod, method, noParams)
      for (const { before, name, after, byMethod: methods } of withParam) {
        if (!path.startsWith(before) || !path.endsWith(after)) continue
        const value = path.slice(before.length, path.length - after.length)
        if (segment.test(value)) return pick(methods, method, { [name]: value })
      }
      return { found: 'nothing' }
    },
    /** Whether the path is one of ours, whatever the method. */
    has: (path: string): boolean =>
      exact.has(path) ||
      withParam.some(({ before, after }) => path.startsWith(before) && path.endsWith(after)),
    /** Every path, as a host's own router may need it. */
    paths: (): string[] => [
      ...exact.keys(),
      ...withParam.map(({ before, name, after }) => `${before}{${name}}${after}`),
    ],
  }
}
export type Router = ReturnType<typeof createRouter>

/** The compatibility promise: everything also stands under /v1. */
const versioned = (path: string): string => (path === '/' ? '/v1' : `/v1${path}`)

const pick = (
  byMethod: ByMethod,
  method: string,
  params: Readonly<Record<string, string>>,
): Match => {
  const route = byMethod.get(method === 'HEAD' ? 'GET' : method)
  // what a browser's visit does is not done for a look at its headers
  if (route !== undefined && !(method === 'HEAD' && route.isVisited))
    return { found: 'route', route, params }
  const methods = [...byMethod.keys()]
  return {
    found: 'path',
    methods: [
      ...methods,
      ...(byMethod.get('GET')?.isVisited === undefined && byMethod.has('GET') ? ['HEAD'] : []),
      'OPTIONS',
    ],
  }
}
