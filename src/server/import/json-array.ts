import { CliError } from '../cli/cli-error.js'
import { longestRow } from './source.js'

/**
 * Finds the objects of a JSON list, piece by piece: the list is the document itself, or the first list that is a member of
 * it (`{ "users": [ … ] }`). Answers with the text of each object that is complete.
 */
export const createListReader = () => {
  let text = ''
  let at = 0
  /** Where the present object begins; -1 between objects. */
  let start = -1
  let depth = 0
  let listDepth = -1
  let isOver = false

  const skipString = (): boolean => {
    let end = at + 1
    for (;;) {
      const quote = text.indexOf('"', end)
      if (quote === -1) return false
      if (!isEscaped(text, quote)) {
        at = quote + 1
        return true
      }
      end = quote + 1
    }
  }

  const open = (sign: string): void => {
    if (listDepth === -1 && sign === '[') listDepth = depth + 1
    if (depth === listDepth && sign === '{' && start === -1) start = at
    depth += 1
  }

  return {
    read: (piece: string): string[] => {
      text += piece
      const found: string[] = []
      while (at < text.length && !isOver) {
        const sign = text[at] ?? ''
        if (sign === '"') {
          if (!skipString()) break
          continue
        }
        if (sign === '{' || sign === '[') open(sign)
        if (sign === '}' || sign === ']') {
          depth -= 1
          if (depth === listDepth && start !== -1) {
            found.push(text.slice(start, at + 1))
            start = -1
          }
          if (listDepth !== -1 && depth < listDepth) isOver = true
        }
        at += 1
      }
      const kept = start === -1 ? at : start
      if (text.length - kept > longestRow)
        throw new CliError('wrong', 'wrong_source', 'The file holds a row of more than 1 MB')
      text = text.slice(kept)
      at -= kept
      if (start !== -1) start = 0
      return found
    },
    /** Whether the list has come to its end. */
    isWhole: (): boolean => isOver,
  }
}

/** An odd number of backslashes stands before it. */
const isEscaped = (text: string, quote: number): boolean => {
  let count = 0
  while (text[quote - 1 - count] === '\\') count += 1
  return count % 2 === 1
}
