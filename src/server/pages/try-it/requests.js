import { curlLine } from './curl.js'
import { build, byId, copyFrom } from './dom.js'
import { readableBody, readableHeaders } from './redact.js'

const kept = 50
const shownHeaders = ['content-type', 'retry-after', 'www-authenticate', 'x-request-id']

/** The list of requests, newest first, and the last one as a curl line. */
export const createRequestList = () => {
  const list = byId('requests')
  const secrets = byId('curl-secrets')
  let last

  const showCurl = () => {
    byId('curl').textContent = last ? curlLine(last, { withSecrets: secrets.checked }) : ''
  }

  const showEmptiness = () => {
    const isEmpty = list.childElementCount === 0
    byId('requests-empty').hidden = !isEmpty
    byId('clear-requests').hidden = isEmpty
    byId('curl-box').hidden = isEmpty
  }

  const add = (call) => {
    last = call
    list.prepend(entryOf(call))
    while (list.childElementCount > kept) list.lastElementChild.remove()
    showCurl()
    showEmptiness()
  }

  /** Forgets every call, the secrets of the last one included. */
  const clear = () => {
    last = undefined
    list.replaceChildren()
    showCurl()
    showEmptiness()
  }

  secrets.addEventListener('change', showCurl)
  byId('clear-requests').addEventListener('click', () => {
    clear()
    byId('requests-title').focus()
  })
  copyFrom(byId('copy-curl'), () => byId('curl').textContent)
  return { add, clear }
}

const entryOf = (call) => {
  const status = call.status === 0 ? 'failed' : String(call.status)
  return build(
    'li',
    {},
    build(
      'details',
      { 'data-testid': 'request' },
      build(
        'summary',
        {},
        build('span', { class: 'request-method' }, call.method),
        build('span', { class: 'request-path' }, call.path),
        build('span', { class: 'request-code' }, call.problem?.code ?? ''),
        build('span', { class: 'request-time' }, `${call.milliseconds} ms`),
        build('span', { class: 'pill', 'data-tone': toneOf(call.status) }, status),
      ),
      build(
        'div',
        { class: 'request-body' },
        side('Sent', call.headers, call.body, cookieNote(call)),
        side('Came back', pick(call.answerHeaders), call.answer),
      ),
    ),
  )
}

const side = (title, headers, body, note) => {
  const lines = readableHeaders(headers)
  if (note) lines.push(note)
  const content = body === undefined ? '(no body)' : readableBody(body)
  const text = `${lines.join('\n')}\n\n${content}`.trim()
  return build('div', {}, build('h4', {}, title), build('pre', {}, text))
}

const cookieNote = (call) => (call.cookie ? 'Cookie: (the refresh token, set by the browser)' : '')

const pick = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => shownHeaders.includes(name)))

const toneOf = (status) => {
  if (status >= 200 && status < 300) return 'good'
  return status >= 400 && status < 500 ? 'warn' : 'bad'
}
