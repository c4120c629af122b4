import { type Answer, bearer, createClient } from './plain-client.js'

/** The plain client in fewer words, for contracts with many members. */
export type Said = {
  json?: unknown
  /** Instead of `json`: the body as it is. */
  text?: string
  headers?: Readonly<Record<string, string>>
  bearer?: string
  cookie?: string
}

export type Heard = Answer & {
  /** The body, where it is JSON: each test looks at what it expects there. */
  json: ReturnType<typeof JSON.parse>
  cookies: string[]
}

/** @param what 'GET /auth/me' */
export const ask = async (origin: string, what: string, said: Said = {}): Promise<Heard> => {
  const [method = 'GET', path = '/'] = what.split(' ')
  const answer = await createClient(origin).ask(method, path, {
    body: said.json ?? said.text,
    headers: {
      ...(said.bearer !== undefined && bearer(said.bearer)),
      ...(said.cookie !== undefined && { cookie: said.cookie }),
      ...said.headers,
    },
  })
  return { ...answer, json: answer.body, cookies: answer.headers['set-cookie'] ?? [] }
}

/** What a JWT says, and its header, read by nobody's library. */
export const readToken = (token: string) => {
  const [header = '', payload = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload) }
}
