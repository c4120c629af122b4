/** Another service that trusts latchkey's access tokens. It knows an address and no secret, and imports no latchkey. */
import { createServer } from 'node:http'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const port = Number(process.env.PORT ?? 3001)
const issuer = process.env.ISSUER ?? 'http://localhost:8000'
const audience = process.env.AUDIENCE ?? issuer

const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`))

/** Every line of this is a check that somebody once forgot (RFC 8725, RFC 9068 §4). */
const verify = (token: string) =>
  jwtVerify(token, keys, {
    algorithms: ['ES256'], // never what the token itself asks for
    typ: 'at+jwt', // no other kind of token of the same server
    issuer,
    audience, // meant for us
    requiredClaims: ['sub', 'exp', 'iat', 'sid'],
    clockTolerance: 10, // seconds
  })

/** Undefined when the token is not good; an error when the keys could not be had, which is not the caller's fault. */
const userOf = async (authorization = ''): Promise<object | undefined> => {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(authorization) ?? []
  if (token === undefined) return undefined
  try {
    const { payload } = await verify(token)
    return { user: payload.sub, roles: payload.roles }
  } catch (error) {
    if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error
    return undefined
  }
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object, headers: Record<string, string> = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))
  userOf(request.headers.authorization).then(
    (user) =>
      user
        ? answer(200, user)
        : answer(401, { detail: 'Please sign in' }, { 'www-authenticate': 'Bearer' }),
    () => answer(503, { detail: 'The keys cannot be had at the moment' }, { 'retry-after': '1' }),
  )
})
server.listen(port, () => console.log(`listening on http://localhost:${port}`))
