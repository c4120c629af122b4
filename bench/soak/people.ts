import { type Answer, type Caller, password } from '../../test/faults/calls.js'

/** Who uses the server during a soak, and the five things they do. */
export type Deed = 'register' | 'login' | 'refresh' | 'me' | 'logout'

/** One signed-in device. */
type Session = { access: string; refresh: string; isOver: boolean }

/** What came of a deed: the answer, and whether it was the right one. */
export type Outcome = { answer: Answer; isRight: boolean }

/** Older ones are left alone, as devices are that somebody has lost; the server keeps them until they expire. */
const mostSessions = 1_000

export const createPeople = (caller: Caller) => {
  const names: string[] = []
  const sessions: Session[] = []
  let registered = 0

  const open = ({ body }: Answer): void => {
    const { access_token: access, refresh_token: refresh } = body
    if (access !== undefined && refresh !== undefined)
      sessions.push({ access, refresh, isOver: false })
    if (sessions.length > mostSessions) sessions.shift()
  }
  const enter = async (path: string, email: string, status: number): Promise<Outcome> => {
    const answer = await caller.call('POST', path, { body: { email, password } })
    open(answer)
    return { answer, isRight: answer.status === status }
  }

  const register = async (): Promise<Outcome> => {
    registered += 1
    const email = `person${registered}@example.com`
    const outcome = await enter('/auth/register', email, 201)
    names.push(email)
    return outcome
  }
  /** Each session is refreshed in turn, by nobody else meanwhile. */
  const refresh = async (): Promise<Outcome | undefined> => {
    const session = sessions.shift()
    if (session === undefined) return undefined
    const body = { refresh_token: session.refresh }
    const answer = await caller.call('POST', '/auth/refresh', { body })
    const { access_token, refresh_token } = answer.body
    Object.assign(session, { access: access_token, refresh: refresh_token })
    if (answer.status === 200) sessions.push(session)
    return { answer, isRight: answer.status === 200 }
  }
  const me = async (): Promise<Outcome | undefined> => {
    const session = oneOf(sessions)
    if (session === undefined) return undefined
    const answer = await caller.call('GET', '/auth/me', { token: session.access })
    return { answer, isRight: answer.status === 200 || session.isOver }
  }
  const logout = async (): Promise<Outcome | undefined> => {
    const session = sessions.length > 20 ? sessions.shift() : undefined
    if (session === undefined) return undefined
    session.isOver = true
    const body = { refresh_token: session.refresh }
    const answer = await caller.call('POST', '/auth/logout', { body })
    return { answer, isRight: answer.status === 204 }
  }
  const login = (): Promise<Outcome> => enter('/auth/login', oneOf(names) ?? '', 200)

  return { register, login, refresh, me, logout } satisfies Record<Deed, unknown>
}
export type People = ReturnType<typeof createPeople>

const oneOf = <Item>(items: readonly Item[]): Item | undefined =>
  items[Math.floor(Math.random() * items.length)]
