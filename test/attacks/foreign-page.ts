import { afterAll, expect } from 'vitest'
import { type Answer, startTarget } from './target.js'

/** A server on https that lists one other origin, and what browsers send it. */
export const app = 'https://app.example.com'
export const base = 'https://id.example.com'
export const json = ['Content-Type', 'application/json']

export const openForBrowsers = async () => {
  const target = await startTarget({ baseUrl: base, http: { allowedOrigins: [app] } })
  afterAll(() => target.close())

  const signInWithCookie = async (): Promise<string> => {
    const { headers } = await target.ask('POST', '/auth/login', {
      headers: ['Sec-Fetch-Site', 'same-origin'],
      body: target.ada,
    })
    return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  }
  const post = (
    path: string,
    headers: readonly string[],
    body: object | string = {},
  ): Promise<Answer> => target.ask('POST', path, { headers, body })

  return { target, signInWithCookie, post }
}

export const expectForbidden = ({ status, headers, json: problem }: Answer): void => {
  expect([status, problem.code]).toEqual([403, 'origin_not_allowed'])
  expect(headers['set-cookie']).toBeUndefined()
  expect(headers['access-control-allow-origin']).toBeUndefined()
}
