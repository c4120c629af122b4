import { type Answer, type Caller, password, pause } from './calls.js'

/** Somebody whose browser keeps the refresh token as a cookie. */
export type CookieHolder = {
  /** Asks once. */
  tryRefresh(): Promise<Answer>
  /** Asks until there is an answer that says more than to come again. */
  refresh(): Promise<void>
  /** Answers that took the cookie away, or were neither a success nor 503. */
  refusals(): string[]
}

const browser = { 'sec-fetch-site': 'same-origin' }

export const createCookieHolder = async (caller: Caller, email: string): Promise<CookieHolder> => {
  const refusals: string[] = []
  let cookie = ''

  const keep = (answer: Answer): Answer => {
    const [, value] = /refresh_token=([^;]*)/.exec(String(answer.headers['set-cookie'])) ?? []
    if (value !== undefined) cookie = value
    if (![200, 201, 503].includes(answer.status) || cookie === '')
      refusals.push(`${answer.status} ${answer.text}, cookie ${value ?? 'untouched'}`)
    return answer
  }
  const tryRefresh = async (): Promise<Answer> =>
    keep(
      await caller.call('POST', '/auth/refresh', {
        body: {},
        headers: { ...browser, cookie: `refresh_token=${cookie}` },
      }),
    )

  keep(await caller.call('POST', '/auth/register', { body: { email, password }, headers: browser }))
  return {
    tryRefresh,
    refresh: async () => {
      while ((await tryRefresh()).status === 503) await pause(50)
    },
    refusals: () => refusals,
  }
}
