/**
 * Text made safe to show in a log or on a terminal: signs that could start a line, colour it, move the cursor, hide or turn
 * around what stands there are written as \uXXXX, and what is too long is cut.
 */
export const safeText = (text: string, most = Number.POSITIVE_INFINITY): string => {
  const safe = unsafe.test(text) ? text.replace(everyUnsafe, escaped) : text
  return safe.length > most ? `${safe.slice(0, most)}…` : safe
}

/** Control, format (bidi overrides, zero width) and lone surrogates; the two line ends of Unicode. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u
const everyUnsafe = new RegExp(unsafe, 'gu')

const escaped = (sign: string): string =>
  [...Array(sign.length).keys()]
    .map((index) => `\\u${sign.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('')
