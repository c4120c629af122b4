import { has, needsParameter } from './speech.js'

/**
 * The way to a provider and back. What has to be known on the way back lies in this tab only: the provider, and, where
 * no cookie carries the grant, the verifier of the code that is brought back (RFC 7636).
 */
const noteName = 'latchkey.journey'
const startRoute = 'GET /auth/oauth/{provider}'

/** The one address to which providers send back; it has to be one of RETURN_URLS. */
export const returnTo = () => location.origin + location.pathname

/** Goes to the provider to sign in. */
export const leaveFor = async ({ base, provider, claim }) => {
  const query = new URLSearchParams({ return_to: returnTo() })
  const note = { provider, claim }
  if (needsParameter(startRoute, 'code_challenge')) {
    note.verifier = randomText()
    query.set('code_challenge', await challengeOf(note.verifier))
    query.set('code_challenge_method', 'S256')
  }
  if (claim) query.set('claim', 'true')
  go(`${base}/auth/oauth/${provider}?${query}`, note)
}

/** Goes to the provider to link it; the server has said where that is. */
export const leaveToLink = (address, provider) => go(address, { provider, links: true })

/** How this tab has come back, if it was away. The address bar keeps nothing of it. */
export const arrival = () => {
  const query = new URLSearchParams(location.search)
  if (location.search) history.replaceState(null, '', location.pathname)
  const note = takeNote()
  return {
    ...note,
    wasAway: note !== undefined,
    error: query.get('error') ?? undefined,
    code: query.get('code') ?? undefined,
    linked: query.get('linked') ?? undefined,
  }
}

/** Whether the grant is fetched with a code that is brought back. */
export const bringsCode = () =>
  has('POST /auth/oauth/exchange') && needsParameter(startRoute, 'code_challenge')

const go = (address, note) => {
  sessionStorage.setItem(noteName, JSON.stringify(note))
  location.assign(address)
}

const takeNote = () => {
  try {
    const text = sessionStorage.getItem(noteName)
    sessionStorage.removeItem(noteName)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

const challengeOf = async (verifier) =>
  base64url(
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))),
  )

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
