import { cookieName } from './speech.js'

/**
 * One call as a line for a POSIX shell. curl is no browser, so where the page relies on its cookie the line carries the
 * refresh token itself: in the cookie of the dialect, natively in the body. Without secrets, names stand where the
 * secrets belong.
 */
export const curlLine = ({ method, path, body, token, cookie }, { withSecrets }) => {
  const verb = method === 'GET' ? '' : `-X ${method} `
  const parts = [`curl ${verb}${quote(location.origin + path)}`]
  if (token) {
    parts.push(
      withSecrets
        ? `-H ${quote(`Authorization: Bearer ${token}`)}`
        : '-H "Authorization: Bearer $ACCESS_TOKEN"',
    )
  }
  if (cookie && cookieName) parts.push(`-b ${quote(`${cookieName}=${names.refresh_token}`)}`)
  const sent = cookie && !cookieName ? { refresh_token: names.refresh_token, ...body } : body
  if (sent !== undefined) {
    parts.push(`-H ${quote('Content-Type: application/json')}`)
    parts.push(`-d ${quote(JSON.stringify(withSecrets ? sent : nameSecrets(sent)))}`)
  }
  return parts.join(' \\\n  ')
}

const names = {
  password: '<password>',
  current_password: '<current password>',
  new_password: '<new password>',
  refresh_token: '<refresh token>',
  code: '<code>',
  code_verifier: '<verifier>',
}

const nameSecrets = (body) =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [name, names[name] ?? value]))

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`
