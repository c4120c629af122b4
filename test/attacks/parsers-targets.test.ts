import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AuthError } from '../../src/errors.js'
import { requireJson, requireSingleHeaders } from '../../src/http/guard.js'
import { readQuery } from '../../src/http/query.js'
import { createRouter } from '../../src/http/router.js'
import { routesOf } from '../../src/http/routes.js'
import { createTestAuth } from '../../src/testing/test-auth.js'

/** S-42: readers of paths, queries, hosts and content types, with anything at all. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[a-z0-9%+=&;[\]./?#:@,\\ "-]{0,80}$/),
)
const request = (headers: Record<string, string>) => ({
  method: 'POST',
  path: '/',
  query: '',
  headers,
  address: undefined,
  readBody: async () => new Uint8Array(),
})

/** Half of a sign has no form in UTF-8. */
const isWellFormed = (each: string): boolean => !/[\ud800-\udfff]/u.test(each)

const refusalOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError)
    return error instanceof AuthError ? error.code : ''
  }
}

describe('queries', () => {
  const anything = z.record(z.string(), z.string())

  test('what was written as a form writes it is read, and a name that comes twice is refused', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((each) => isWellFormed(each) && each !== '__proto__')
    const value = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => isWellFormed(each))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (pairs) => {
        const query = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
        const isRepeated = new Set(pairs.map(([each]) => each)).size < pairs.length
        if (isRepeated) expect(refusalOf(() => readQuery(anything, query))).toBe('invalid_query')
        else expect(readQuery(anything, query)).toEqual(Object.fromEntries(pairs))
      }),
      { numRuns: 1_000 },
    )
  })

  test('what is read means the same to the URL standard; everything else is a refusal', () => {
    fc.assert(
      fc.property(text, (query) => {
        let read: Record<string, string> = {}
        const code = refusalOf(() => {
          read = readQuery(anything, query)
        })
        if (code !== undefined) expect(code).toBe('invalid_query')
        else expect(read).toEqual(Object.fromEntries(new URLSearchParams(`?${query}`)))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('paths', async () => {
  const { auth } = await createTestAuth()
  const routes = routesOf(auth)
  const { find } = createRouter(routes)
  const known = routes.flatMap(({ path }) => [path, path === '/' ? '/v1' : `/v1${path}`])

  test('a path is found in its own spelling, and in no other', () => {
    const twist = fc.constantFrom<(path: string, place: number) => string>(
      (path) => `/${path}`,
      (path) => `${path}/`,
      (path) => `${path};x`,
      (path) => `${path}%00`,
      (path) => `${path}.json`,
      (path) => path.toUpperCase(),
      (path) => path.replace('/', '\\'),
      (path) => path.replace(/\/([^/]+)$/, '/./$1'),
      (path) => path.replace(/\/([^/]+)$/, '/x/../$1'),
      (path, place) => {
        const at = 1 + (place % Math.max(1, path.length - 1))
        const code = path.charCodeAt(at).toString(16).padStart(2, '0')
        return `${path.slice(0, at)}%${code}${path.slice(at + 1)}`
      },
    )
    // what stands beside a parameter becomes one with another sign: another thing, never the same
    const before = known.flatMap((path) => /^(.*)\{/.exec(path)?.[1] ?? [])
    const isBeside = (path: string) => before.some((beginning) => path.startsWith(beginning))
    const plain = known.filter((path) => !path.includes('{') && path.length > 3 && !isBeside(path))
    fc.assert(
      fc.property(fc.constantFrom(...plain), twist, fc.nat(), (path, change, place) => {
        const twisted = change(path, place)
        expect([twisted, find('GET', path).found === 'nothing']).toEqual([twisted, false])
        expect([twisted, find('GET', twisted)]).toEqual([twisted, { found: 'nothing' }])
      }),
      { numRuns: 1_000 },
    )
  })

  test('anything at all is found or not; what stands for a parameter is plain', () => {
    const prefixes = ['', ...known.map((path) => path.replace(/\{.*$/, ''))]
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), text, text, (prefix, rest, method) => {
        const match = find(method, `${prefix}${rest}`)
        if (match.found !== 'route') return
        for (const value of Object.values(match.params)) expect(value).toMatch(/^[\w.~-]+$/)
        expect(known).toContain(
          Object.entries(match.params).reduce(
            (path, [name, value]) =>
              path.replace(new RegExp(`${value.replaceAll('.', '\\.')}$`), `{${name}}`),
            `${prefix}${rest}`,
          ),
        )
      }),
      { numRuns: 3_000 },
    )
  })

  test('no route sends anybody anywhere, but those of signing in through providers', () => {
    const sending = routes.filter(({ success }) => success.status >= 300)
    expect(sending.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /auth/oauth/{provider}',
      'GET /auth/oauth/{provider}/callback',
      'POST /auth/oauth/{provider}/callback',
    ])
  })
})

describe('hosts and content types', () => {
  test('a host that passes is only a host', () => {
    fc.assert(
      fc.property(text, (host) => {
        const code = refusalOf(() => requireSingleHeaders(request({ host })))
        if (code !== undefined) expect(code).toBe('malformed_request')
        else expect(host).not.toMatch(/[\s/\\@?#,]/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('JSON is what says so in full, in whatever letters', () => {
    const types = fc.oneof(
      text,
      fc.constantFrom('application/json', 'APPLICATION/json', 'application/json; charset=utf-8'),
      text.map((rest) => `application/json${rest}`),
    )
    fc.assert(
      fc.property(types, (type) => {
        const code = refusalOf(() => requireJson(request({ 'content-type': type })))
        if (code !== undefined) expect(code).toBe('unsupported_media_type')
        else expect(type).toMatch(/^application\/json\s*($|;\s*charset="?utf-8"?$)/i)
      }),
      { numRuns: 2_000 },
    )
  })
})
