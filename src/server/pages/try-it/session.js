const hintName = 'latchkey.signed-in'

/**
 * Who is signed in on this page. The access token lives in this closure and nowhere else; the refresh
 * token is a cookie no script can read, so a hint without any secret remembers that trying it is worth it.
 */
export const createSession = ({ api, onChange }) => {
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
  const call = (request) => api.send({ ...request, token: current?.token })

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
    const answer = await api.send({ method: 'POST', path: '/auth/refresh', body: {}, cookie: true })
    if (answer.ok) adopt(answer.answer)
    if (answer.status === 401) forget()
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
  const restore = async () => {
    return hint.isSet() ? await refresh() : undefined
  }

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
