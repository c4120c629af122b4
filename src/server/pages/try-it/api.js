/** Calls to the server. Whoever wants to watch is told of each call once it has ended. */
export const createApi = ({ base, onCall }) => {
  const send = async ({ method, path, body, token, cookie = false }) => {
    const headers = { Accept: 'application/json' }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (token) headers.Authorization = `Bearer ${token}`

    const call = { method, path: base + path, headers, body, token, cookie, at: new Date() }
    const startedAt = performance.now()
    const answer = await ask(call)
    onCall({ ...call, ...answer, milliseconds: Math.round(performance.now() - startedAt) })
    return answer
  }

  /** GET /health, asked often and therefore kept out of the list of requests. */
  const health = () => ask({ method: 'GET', path: `${base}/health`, headers: {} })

  return { send, health }
}

const ask = async ({ method, path, headers, body }) => {
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    })
    const answer = parse(await response.text())
    return {
      ok: response.ok,
      status: response.status,
      answerHeaders: Object.fromEntries(response.headers),
      answer,
      problem: response.ok ? undefined : problemOf(response, answer),
    }
  } catch {
    return { ok: false, status: 0, answerHeaders: {}, answer: undefined, problem: unreachable }
  }
}

const unreachable = {
  title: 'No answer',
  detail: 'The server could not be reached. Is it still running?',
  code: 'no_answer',
}

const parse = (text) => {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The server's own problem, or one made from the status when something in between answered. */
const problemOf = (response, answer) => {
  const wait = Number(response.headers.get('retry-after'))
  const retry = wait > 0 ? ` Try again in ${wait} s.` : ''
  if (typeof answer?.code === 'string') {
    return { ...answer, detail: `${answer.detail ?? answer.title}${retry}` }
  }
  return { detail: `The server answered ${response.status} ${response.statusText}.${retry}` }
}
