/** JSON from strangers: one text means one thing, or it is refused. */
const deepest = 10
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses UTF-8 JSON. Refuses what two parsers could read differently (RFC 8259 §4, §8.1): bytes that are not UTF-8,
 * a byte order mark, repeated member names, `__proto__`, and nesting deeper than ten.
 *
 * @throws SyntaxError, with a message that never quotes the text, and the `position` of what is no JSON.
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
  } catch (error) {
    throw Object.assign(new SyntaxError('not JSON'), { position: positionIn(error, text) })
  }
}

/** Where the platform's parser gave up, in UTF-16 units; it tells so in words, and not at all at the end of the text. */
const positionIn = (error: unknown, text: string): number => {
  const [, position] = /at position (\d+)/.exec(String(error)) ?? []
  return position === undefined ? text.length : Number(position)
}

/**
 * Walks the text once, sign by sign: a pattern would look at hostile texts again and again. What is not JSON at all
 * passes here and is refused by the platform's parser.
 */
const refuseAmbiguity = (text: string): void => {
  const open: (Set<string> | undefined)[] = []
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case sign.openObject:
        enter(open, new Set())
        break
      case sign.openList:
        enter(open, undefined)
        break
      case sign.closeObject:
      case sign.closeList:
        open.pop()
        break
      case sign.quote: {
        const end = endOfString(text, index)
        const names = open.at(-1)
        if (names && isName(text, end)) noteName(text.slice(index, end + 1), names)
        index = end
      }
    }
  }
}

const sign = {
  quote: 0x22,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const

const enter = (open: (Set<string> | undefined)[], names: Set<string> | undefined): void => {
  if (open.length === deepest) throw new SyntaxError('nested too deep')
  open.push(names)
}

/** Where the string that begins here has its closing quote. */
const endOfString = (text: string, start: number): number => {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === sign.quote) return index
    if (code === sign.backslash) index += 1
  }
  throw new SyntaxError('not JSON')
}

/** Whether the string that ends here is followed by a colon. */
const isName = (text: string, end: number): boolean => {
  let index = end + 1
  while (isSpace(text.charCodeAt(index))) index += 1
  return text.charCodeAt(index) === sign.colon
}

/** Space of RFC 8259 §2: any other is no JSON. */
const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

const noteName = (quoted: string, names: Set<string>): void => {
  const name = unquote(quoted)
  if (name === '__proto__') throw new SyntaxError('refused member name')
  if (names.has(name)) throw new SyntaxError('repeated member name')
  names.add(name)
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
