import { contentOf, refusalOf } from './answers.js'

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

  /** Health is asked often and therefore kept out of the list of requests. */
  const health = (path) => ask({ method: 'GET', path: base + path, headers: {} })

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
      content: contentOf(answer),
      problem: response.ok ? undefined : refusalOf(response, answer),
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
