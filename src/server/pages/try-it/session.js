const hintName = 'latchkey.signed-in'

// An access token that merely expired can be renewed; after these nothing can.
const overCodes = ['session_revoked', 'session_expired']

/**
 * Who is signed in on this page. The access token lives in this closure and nowhere else; the refresh
 * token is a cookie no script can read, so a hint without any secret remembers that trying it is worth it.
 */
export const createSession = ({ api, onChange, onOver }) => {
  let current
  let refreshing

  const adopt = (grant) => {
    current = {
      token: grant.access_token,
      lifetimeSeconds: grant.expires_in,
      expiresAt: Date.now() + grant.expires_in * 1000,
      user: grant.user ?? current?.user,
    }
    hint.set()
    onChange(current)
  }

  const forget = () => {
    current = undefined
    hint.clear()
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
    if (answer.ok) setUser(answer.answer)
    return answer
  }

  const setUser = (user) => {
    if (!current) return
    current = { ...current, user }
    onChange(current)
  }

  const renew = async () => {
    const before = current?.token
    const answer = await api.send({ method: 'POST', path: '/auth/refresh', body: {}, cookie: true })
    // An answer overtaken by a log-out or another log-in must not undo it.
    if (current?.token !== before) return answer
    if (answer.ok) adopt(answer.answer)
    if (answer.status === 401) end(answer.problem)
    return answer
  }

  /** However many ask at once, one request is made and all receive its answer. */
  const refresh = () => {
    refreshing ??= renew().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  /** Picks up the session of an earlier visit, if there may be one; the answer tells how it went. */
  const restore = async () => (hint.isSet() ? await refresh() : undefined)

  return { adopt, forget, call, loadUser, setUser, refresh, restore, now: () => current }
}

/** Tells of sign-ins and sign-outs in other tabs, which share this tab's cookie. */
export const onOtherTab = (listener) => {
  addEventListener('storage', (event) => {
    if (event.key === hintName) listener(event.newValue !== null)
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
