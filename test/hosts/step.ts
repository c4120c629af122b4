import type { WireRequest } from './wire.js'

/**
 * What every host is asked, in this order: each request may use what an earlier answer gave. `{access}`, `{refresh}`,
 * `{cookie}` and `{session}` stand for what was kept; the session is that of the access token.
 */
export type Step = {
  name: string
  request: WireRequest
  status: number
  /** Members of the answer to keep, by the name they are used under. */
  keep?: Readonly<Record<string, string>>
  /** Not a path of latchkey: a host with routes of its own answers itself. */
  foreign?: true
}

export type Headers = readonly (readonly [string, string])[]

export const json = ['Content-Type', 'application/json'] as const
export const bearer = ['Authorization', 'Bearer {access}'] as const
export const ada = { email: 'ada@example.com', password: 'a long and winding road' }

export const get = (path: string, ...headers: Headers): WireRequest => ({
  method: 'GET',
  path,
  headers,
})
export const sendJson =
  (method: string) =>
  (path: string, value: unknown, ...headers: Headers): WireRequest => ({
    method,
    path,
    headers: [json, ...headers],
    body: JSON.stringify(value),
  })
export const post = sendJson('POST')
export const remove = sendJson('DELETE')
export const raw = (
  method: string,
  path: string,
  body: string | undefined,
  ...headers: Headers
) => ({
  method,
  path,
  headers,
  body,
})

export const step = (
  status: number,
  name: string,
  request: WireRequest,
  more: Pick<Step, 'keep' | 'foreign'> = {},
): Step => ({ status, name, request, ...more })
export const foreign = (name: string, request: WireRequest): Step =>
  step(404, name, request, { foreign: true })
