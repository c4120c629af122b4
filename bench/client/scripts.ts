import { postRequest } from './connection.js'

/** What one connection says, in order. */
export type Script =
  | { kind: 'repeat'; request: string }
  /** One after the other, again and again. */
  | { kind: 'round'; requests: readonly string[] }
  /** Each request once. */
  | { kind: 'list'; requests: readonly string[] }
  /** Sends its latest refresh token, again and again, as a real client of a real session does. */
  | { kind: 'refresh'; token: string; path?: string }

export type RunningScript = {
  /** The next request, or undefined at the end. */
  next(): string | undefined
  hear(body: string): void
  left(): string | undefined
  accessTokens: string[]
}

const nothing = { hear: () => {}, left: () => undefined, accessTokens: [] }

export const scriptOf = (script: Script): RunningScript => {
  if (script.kind === 'repeat') return { ...nothing, next: () => script.request }
  if (script.kind === 'list' || script.kind === 'round') {
    const { kind, requests } = script
    const around = kind === 'round' ? requests.length : Number.POSITIVE_INFINITY
    let place = 0
    return { ...nothing, next: () => requests[place++ % around] }
  }
  const { path = '/auth/refresh' } = script
  let { token } = script
  const accessTokens: string[] = []
  return {
    next: () => postRequest(path, { refresh_token: token }),
    hear: (body) => {
      token = member(body, 'refresh_token')
      accessTokens.push(member(body, 'access_token'))
    },
    left: () => token,
    accessTokens,
  }
}

/** Cheaper than parsing the whole answer. */
const member = (body: string, name: string): string => {
  const [, value] = new RegExp(`"${name}":"([^"]+)"`).exec(body) ?? []
  if (value === undefined) throw new Error(`An answer without ${name}`)
  return value
}
