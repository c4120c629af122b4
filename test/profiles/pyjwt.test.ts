import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { toNode } from '../../src/http/node.js'
import { profileNames } from '../../src/profiles/dialect.js'
import { dialects } from '../../src/profiles/dialects.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { listen } from '../hosts/hosts.js'
import { createClient, text } from './plain-client.js'

/** Other services of these five check access tokens by themselves, with PyJWT and the shared secret. */
const python = '/usr/bin/python3'
const run = promisify(execFile)

const decode = `
import json, sys, jwt
token, secret = sys.argv[1:]
claims = jwt.decode(token, secret, algorithms=["HS256"])
try:
    jwt.decode(token, secret + "x", algorithms=["HS256"])
    raise SystemExit("another secret was taken")
except jwt.InvalidSignatureError:
    print(json.dumps(claims))
`

const reasonToSkip = await run(python, ['-c', 'import jwt; jwt.decode']).then(
  () => undefined,
  () => `PyJWT is not at ${python} (Debian: apt-get install python3-jwt)`,
)

const secret = 'v3Qm8ZtLx0RkYb7WnTsPcHdJfGu1EoA2iKe6QyNxVx'
const refreshSecret = 'L9xPq4VtYz2NkRb8WcTmJsHdGfXu5EoA7iQe1KyZvB'
const password = 'SecurePass123!'
const email = 'grace@example.com'

/** What a client of the service sends, and what its tokens must say besides when they end. */
const expected = {
  username: { sub: 'grace', role: 'user' },
  cookie: { sub: expect.any(String), type: 'access', iat: expect.any(Number) },
  strict: {
    ...{ sub: expect.any(String), email, type: 'access' },
    ...{ iat: expect.any(Number), nbf: expect.any(Number) },
  },
  flat: { sub: expect.any(String), type: 'access', jti: expect.any(String) },
  envelope: { sub: expect.any(String), email, type: 'access' },
}

const signIn = async (profile: keyof typeof expected): Promise<string> => {
  const auth = createAuth({
    profile,
    store: memoryStore(),
    tokens: { secret },
    ...(profile === 'strict' && { sessions: { secret: refreshSecret } }),
  })
  const input = { email, username: 'grace', password }
  await auth.users.create(input, { address: undefined, userAgent: undefined, requestId: 'test' })
  const { port, close } = await listen(createServer(toNode(auth)))
  const credentials = profile === 'username' ? { username: 'grace', password } : { email, password }
  const { body } = await createClient(`http://127.0.0.1:${port}`).post('/auth/login', credentials)
  await close()
  await auth.close()
  return profile === 'envelope' ? text(body, 'data', 'access_token') : text(body, 'access_token')
}

const spoken = profileNames.filter(
  (name): name is keyof typeof expected => name !== 'native' && dialects[name].name === name,
)

const title = reasonToSkip === undefined ? 'PyJWT' : `PyJWT: ${reasonToSkip}`
describe.skipIf(reasonToSkip !== undefined)(title, () => {
  test.each(spoken)('takes access tokens of %s', async (profile) => {
    const { stdout } = await run(python, ['-c', decode, await signIn(profile), secret])
    const { exp, ...claims } = JSON.parse(stdout)

    expect(exp).toBeGreaterThan(Date.now() / 1000)
    expect(claims).toEqual(expected[profile])
    expect(claims).not.toHaveProperty('aud')
    expect(claims).not.toHaveProperty('iss')
  })
})
