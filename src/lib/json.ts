/** JSON from strangers: one text means one thing, or it is refused. */
const deepest = 10
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses UTF-8 JSON. Refuses what two parsers could read differently (RFC 8259 §4, §8.1): bytes that are not UTF-8,
 * a byte order mark, repeated member names, `__proto__`, and nesting deeper than ten.
 *
 * @throws SyntaxError, with a message that never quotes the text.
 */
export const parseJson = (bytes: Uint8Array): unknown => {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new SyntaxError('not UTF-8')
  }
  refuseAmbiguity(text)
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('not JSON')
  }
}

/** Walks the structure once. What is not JSON at all passes here and is refused by the platform's parser. */
const refuseAmbiguity = (text: string): void => {
  const open: (Set<string> | undefined)[] = []
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      if (open.length > deepest) throw new SyntaxError('nested too deep')
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (colon !== undefined) {
      noteName(token.slice(0, -colon.length), open.at(-1))
    }
  }
}

const noteName = (quoted: string, names: Set<string> | undefined): void => {
  const name = unquote(quoted)
  if (name === '__proto__') throw new SyntaxError('refused member name')
  if (names?.has(name)) throw new SyntaxError('repeated member name')
  names?.add(name)
}

/** "a" and "\u0061" are the same name. */
const unquote = (quoted: string): string => {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw new SyntaxError('not JSON')
  }
}
