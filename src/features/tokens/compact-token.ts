import { decodeBase64Url } from '../../lib/bytes.js'
import { parseJson } from '../../lib/json.js'

/** The gate in front of the JWT library: only the one canonical spelling of a plain signed token passes. */
export type CompactToken = { algorithm: string; keyId: string | undefined; payload: object }

const longestToken = 8192
const longestHeader = 1024
const threeParts = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const keyIdPattern = /^[A-Za-z0-9._-]{1,64}$/
const knownHeaders = new Set(['alg', 'typ', 'kid'])

/** Cheap enough to stand before anything else that looks at a token. */
export const hasTokenShape = (token: string): boolean =>
  token.length <= longestToken && threeParts.test(token)

/**
 * Takes a token apart without believing it. Libraries accept padding, white space and changed trailing bits, so one
 * token would have many spellings; and the header is closed, so `crit`, `b64`, `jwk`, `jku` or `x5u` never matter
 * (RFC 8725 §3.1, RFC 7515 §4.1).
 */
export const readCompactToken = (token: string, type: string): CompactToken | undefined => {
  if (!hasTokenShape(token)) return undefined
  const [header = '', payload = '', signature = ''] = token.split('.')
  if (header.length > longestHeader || decodeBase64Url(signature) === undefined) return undefined

  const head = readObject(header)
  const body = readObject(payload)
  if (head === undefined || body === undefined) return undefined
  if (!Object.keys(head).every((name) => knownHeaders.has(name))) return undefined
  const { alg, typ, kid }: { alg?: unknown; typ?: unknown; kid?: unknown } = head
  if (typeof alg !== 'string' || typ !== type) return undefined
  if (kid !== undefined && (typeof kid !== 'string' || !keyIdPattern.test(kid))) return undefined
  return { algorithm: alg, keyId: kid, payload: body }
}

const readObject = (part: string): object | undefined => {
  const bytes = decodeBase64Url(part)
  if (bytes === undefined) return undefined
  try {
    const value = parseJson(bytes)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
