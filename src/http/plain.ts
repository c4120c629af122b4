/** What a host makes of its request, and what it writes of our answer: plain values, no framework. */
export type PlainRequest = {
  method: string
  /** As sent, without the query; nothing is decoded or folded. */
  path: string
  /** As sent, without the question mark; empty when there is none. */
  query: string
  /** Names in lower case. A header that came twice is joined by ', ', cookies by '; '. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Address of the peer; undefined when the host cannot tell. */
  address: string | undefined
  /** Whether a body follows; undefined where Content-Length and Transfer-Encoding tell. */
  hasBody?: boolean | undefined
  /** @throws AuthError `body_too_large` */
  readBody(limit: number): Promise<Uint8Array>
  /** A body that the host has parsed already. */
  parsedBody?: unknown
}

export type PlainAnswer = {
  status: number
  /** Name, value, name, value, … as `writeHead` takes them. */
  headers: string[]
  body: string | Uint8Array | undefined
}

/** The value of a header, repeats joined as RFC 9110 §5.3 and RFC 6265 §5.4 join them, or undefined. */
export const header = (
  { headers }: Pick<PlainRequest, 'headers'>,
  name: string,
): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : value
}
