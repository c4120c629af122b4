/** Shortens what must not be read over a shoulder or end up in a screenshot. */

const tokens = ['access_token', 'refresh_token', 'mfa_token', 'id_token', 'code_verifier']
const passwords = ['password', 'current_password', 'new_password']

/** A body as readable text, however deep in it the secrets lie. */
export const readableBody = (body) =>
  typeof body === 'string' ? body : JSON.stringify(body, withoutSecrets, 2)

export const readableHeaders = (headers) =>
  Object.entries(headers).map(([name, value]) => {
    const isSecret = name.toLowerCase() === 'authorization'
    return `${name}: ${isSecret ? `Bearer ${shortToken(value.slice('Bearer '.length))}` : value}`
  })

const withoutSecrets = (name, value) => {
  if (typeof value !== 'string' || value === '') return value
  if (passwords.includes(name)) return '••••••••'
  // codes of refusals are short words, those that are traded are long
  const isSecret = tokens.includes(name) || (name === 'code' && value.length > 60)
  return isSecret ? shortToken(value) : value
}

const shortToken = (token) => `${token.slice(0, 10)}…${token.slice(-6)}`
