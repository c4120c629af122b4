import { refuse } from './database-error.js'
import type { Syntax } from './syntax.js'

export type Token = {
  kind: 'space' | 'comment' | 'string' | 'name' | 'placeholder' | 'word' | 'number' | 'sign'
  text: string
  at: number
}

/**
 * A statement in tokens, which together are its text again.
 *
 * @throws DatabaseError `refused` for what has no end, and for what different servers would read in different ways
 */
export const scan = (text: string, syntax: Syntax): Token[] => {
  const control = /[^\t\n\f\r -\x7e\u0080-\uffff]/.exec(text) // a NUL ends a statement for some drivers
  if (control) refuse('The statement holds a control character', text)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const token = tokenAt(text, at, syntax)
    const reason = doubt(token, tokens)
    if (reason) refuse(reason, text)
    tokens.push(token)
    at += token.text.length
  }
  return tokens
}

const tokenAt = (text: string, at: number, syntax: Syntax): Token => {
  const { token, strange } = syntax
  token.lastIndex = at
  const match = token.exec(text)
  const found = match?.[0] ?? ''
  const groups = match?.groups ?? {}
  const start = text.slice(at, at + 4)
  const [kind = 'sign'] = Object.keys(groups).filter((name) => groups[name] !== undefined)
  if (kind === 'sign' || kind === 'block') {
    const odd = strange.find(({ pattern }) => pattern.test(start))
    if (odd) refuse(odd.advice, text)
  }
  if (kind === 'block') return { kind: 'comment', text: commentAt(text, at, syntax), at }
  return { kind: kindOf(kind), text: found, at }
}

/** What one server reads so and another otherwise; a difference is where a second statement could hide. */
const doubt = ({ kind, text }: Token, before: readonly Token[]): string | undefined => {
  const last = before.at(-1)
  if (kind === 'word' && /[\s\u0085]/.test(text))
    return 'The statement holds a blank that databases take for a letter'
  if (kind === 'placeholder' && ['number', 'word', 'placeholder'].includes(last?.kind ?? ''))
    return `A blank is missing before ${text}`
  if (kind !== 'string') return undefined
  if (last?.kind === 'number') return 'A blank is missing before a string'
  if (last?.kind === 'word' && /^e$/i.test(last.text)) return 'What a quote begins has no end'
  const left = before.findLast((token) => token.kind !== 'space' && token.kind !== 'comment')
  return left?.kind === 'string' && /^e/i.test(left.text)
    ? 'A string goes on after its end: write it as one'
    : undefined
}

const kinds = ['space', 'comment', 'string', 'name', 'placeholder', 'word', 'number'] as const

const kindOf = (name: string): Token['kind'] => kinds.find((kind) => kind === name) ?? 'sign'

const commentAt = (text: string, start: number, { nestedComments }: Syntax): string => {
  const edges = nestedComments ? /\/\*|\*\//g : /\*\//g
  edges.lastIndex = start + 2
  let depth = 1
  for (let edge = edges.exec(text); edge !== null; edge = edges.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) return text.slice(start, edges.lastIndex)
  }
  return refuse('A comment has no end', text)
}
