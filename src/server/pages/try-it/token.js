import { has, isNative } from './speech.js'

/** Reads an access token for people. Nothing is verified here: that is the server's work. */
export const decodeToken = (token) => {
  const [header, claims] = token.split('.')
  return { header: readPart(header), claims: readPart(claims) }
}

/** What each member of a token says, in words. */
export const meanings = {
  alg: 'how it is signed',
  typ: isNative ? 'what kind of token it is (RFC 9068)' : 'what it is',
  kid: has('GET /.well-known/jwks.json')
    ? 'which key signed it, see /.well-known/jwks.json'
    : 'which key signed it',
  iss: 'who issued it',
  sub: 'whom it speaks for: the user’s id',
  aud: 'who should accept it',
  exp: 'when it stops working',
  iat: 'when it was issued',
  nbf: 'when it starts working',
  jti: 'its own id',
  sid: 'the session it belongs to',
  client_id: 'the client it was given to',
  roles: 'what its bearer may do',
  role: 'what its bearer may do',
  type: 'for what it may be used',
  email: 'the address of the user',
  auth_time: 'when its bearer last signed in',
  amr: 'how its bearer signed in (RFC 8176)',
}

export const isInstant = (name) => ['exp', 'iat', 'nbf', 'auth_time'].includes(name)

const readPart = (part) => {
  try {
    const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return {}
  }
}
