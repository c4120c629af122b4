import { personOf } from './answers.js'
import { fieldsOf, has, takesAccessToken } from './speech.js'
import { decodeToken } from './token.js'

const hintName = 'latchkey.signed-in'

// An access token that merely expired can be renewed; after these nothing can.
const overCodes = ['session_revoked', 'session_expired']

/**
 * Who is signed in on this page. The tokens live in this closure and nowhere else. Where the refresh token is a cookie
 * no script can read it, so a hint without any secret remembers that trying it is worth it.
 */
export const createSession = ({ api, onChange, onOver }) => {
  let current
  let refreshing

  const adopt = (content) => {
    const { access_token: token, refresh_token: refreshToken } = content
    const { claims } = decodeToken(token)
    const lifetimeSeconds = content.expires_in ?? claims.exp - (claims.iat ?? Date.now() / 1000)
    current = {
      token,
      refreshToken,
      lifetimeSeconds,
      expiresAt: Date.now() + lifetimeSeconds * 1000,
      user: content.user ?? current?.user ?? whoever(content, claims),
    }
    if (refreshToken === undefined && has('POST /auth/refresh')) hint.set()
    onChange(current)
  }

  const forget = () => {
    current = undefined
    hint.clear()
    onChange(undefined)
  }

  /** Forgets what this page holds; the cookie stays, and what it is good for. */
  const drop = () => {
    current = undefined
    onChange(undefined)
  }

  /** A call with the access token; the answer is for the caller to judge. */
  const call = async (request) => {
    const answer = await api.send({ ...request, token: current?.token })
    if (overCodes.includes(answer.problem?.code)) end(answer.problem)
    return answer
  }

  const end = (problem) => {
    forget()
    onOver(problem)
  }

  const loadUser = async () => {
    const answer = await call({ method: 'GET', path: '/auth/me' })
    if (answer.ok) setUser(answer.content)
    return answer
  }

  const setUser = (user) => {
    if (!current) return
    current = { ...current, user }
    onChange(current)
  }

  /** With the refresh token, however it travels here: as a cookie, or in the body. */
  const sendRefreshToken = (path, fields = {}) => {
    const operation = `POST ${path}`
    const { token, refreshToken } = current ?? {}
    const own = refreshToken && has(`${operation}#refresh_token`) && { refresh_token: refreshToken }
    const body = fieldsOf(operation).length > 0 ? { ...own, ...fields } : undefined
    const bearer = takesAccessToken(operation) ? token : undefined
    return api.send({ method: 'POST', path, body, token: bearer, cookie: !own })
  }

  const renew = async (quietly) => {
    const before = current?.token
    const answer = await sendRefreshToken('/auth/refresh')
    // An answer overtaken by a log-out or another log-in must not undo it.
    if (current?.token !== before) return answer
    if (answer.ok) adopt(answer.content)
    if (answer.status === 401 && quietly) forget()
    else if (answer.status === 401) end(answer.problem)
    return answer
  }

  /**
   * However many ask at once, one request is made and all receive its answer. `quietly`: where perhaps nobody came in, and
   * nobody has to be told that a session is over.
   */
  const refresh = ({ quietly = false } = {}) => {
    refreshing ??= renew(quietly).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  /** Picks up the session of an earlier visit, if there may be one; the answer tells how it went. */
  const restore = async () => (hint.isSet() ? await refresh() : undefined)

  const signOut = (scope) => sendRefreshToken('/auth/logout', scope === 'this' ? {} : { scope })

  const now = () => current

  return { adopt, forget, drop, call, loadUser, setUser, refresh, restore, signOut, now }
}

/** Where nobody can be asked who signed in, the answer and the token tell a little. */
const whoever = (content, claims) => (has('GET /auth/me') ? undefined : personOf(content, claims))

/** Tells of sign-ins and sign-outs in other tabs, which share this tab's cookie, and of those before the way back. */
export const onOtherTab = (listener) => {
  addEventListener('storage', (event) => {
    if (event.key === hintName) listener(event.newValue !== null)
  })
  // a page that the browser had put away heard nothing meanwhile
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) listener(hint.isSet())
  })
}

// Storage may be forbidden by the browser; then a reload simply means signing in again.
const quietly = (action) => {
  try {
    return action()
  } catch {
    return undefined
  }
}

const hint = {
  set: () => quietly(() => localStorage.setItem(hintName, 'yes')),
  clear: () => quietly(() => localStorage.removeItem(hintName)),
  isSet: () => quietly(() => localStorage.getItem(hintName)) === 'yes',
}
