import { type IncomingHttpHeaders, request } from 'node:http'

/** A client that knows HTTP and nothing else: what it says and hears is what anybody would. */
export type Said = {
  json?: unknown
  /** Instead of `json`: the body as it is. */
  text?: string
  headers?: Readonly<Record<string, string>>
  bearer?: string
  cookie?: string
}

export type Heard = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body, where it is JSON: each test looks at what it expects there. */
  json: ReturnType<typeof JSON.parse>
  cookies: string[]
}

/** @param what 'GET /auth/me' */
export const ask = (origin: string, what: string, said: Said = {}): Promise<Heard> => {
  const [method = 'GET', path = '/'] = what.split(' ')
  const body = said.json === undefined ? said.text : JSON.stringify(said.json)
  const headers = {
    ...(said.json !== undefined && { 'content-type': 'application/json' }),
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...(said.bearer !== undefined && { authorization: `Bearer ${said.bearer}` }),
    ...(said.cookie !== undefined && { cookie: said.cookie }),
    ...said.headers,
  }
  return new Promise((resolve, reject) => {
    const exchange = request(`${origin}${path}`, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          json: answer.headers['content-type']?.includes('json') ? JSON.parse(text) : undefined,
          cookies: answer.headers['set-cookie'] ?? [],
        })
      })
    })
    exchange.once('error', reject)
    exchange.end(body)
  })
}

/** What a JWT says, and its header, read by nobody's library. */
export const readToken = (token: string) => {
  const [header = '', payload = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload) }
}

/** type and loc of a list of FastAPI. */
export const faultsIn = ({ json }: Heard): { type: string; loc: unknown }[] =>
  json.detail.map(({ type, loc }: { type: string; loc: unknown }) => ({ type, loc }))
