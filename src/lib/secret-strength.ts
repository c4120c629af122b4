import { createHash } from 'node:crypto'
import { knownSecretPrefixes } from './known-secrets.js'

const leastBytes = 32
const leastDistinct = 8
const leastBits = 80

// Words of sample settings. In 32 random characters such a run of letters is less likely than a lost lottery.
const placeholder =
  /secret|passw|change|your[-_ ]|example|placeholder|default|jwt[-_ ]?key|token|qwert|12345678|abcdefgh|string|insert|replace|random|generate/i

// each in one case or with a capital: one base64url text in two thousand has no digit, but never only such pieces
const words = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)(?:[ _-](?:[a-z]+|[A-Z]+|[A-Z][a-z]+))+[0-9]*$/

/**
 * What is wrong with a signing secret, or undefined when nothing is known against it. Length alone does not make one
 * safe: about 1,900 publicly listed JWT secrets have 32 characters or more (RFC 8725 §3.5).
 */
export const secretWeakness = (secret: string): string | undefined => {
  const bytes = Buffer.byteLength(secret)
  if (bytes < leastBytes) return `has ${bytes} bytes; at least ${leastBytes} are needed`
  if (isPublic(secret)) return 'stands on a public list of known secrets'
  if (placeholder.test(secret)) return 'looks like a sample value or words, not like random bytes'
  if (new Set(secret).size < leastDistinct || /^(.{1,32}?)\1+$/s.test(secret))
    return 'repeats a few characters'
  if (shannonBits(secret) < leastBits) return 'is too regular to be random'
  if (/^[a-z]+$|^[A-Z]+$|^[0-9]+$/.test(secret) || words.test(secret)) {
    return 'looks like words or digits typed by hand, not like random bytes'
  }
  return undefined
}

/** How to make a good one; ends every message about a weak secret. */
export const howToMakeASecret =
  "Make one with: node -e \"console.log(require('crypto').randomBytes(32).toString('base64url'))\""

const isPublic = (secret: string): boolean =>
  knownSecretPrefixes.has(createHash('sha256').update(secret).digest('hex').slice(0, 12))

/** Entropy of the character counts, times the length: an upper bound on what a guesser faces. */
const shannonBits = (text: string): number => {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let perCharacter = 0
  for (const count of counts.values()) {
    const share = count / text.length
    perCharacter -= share * Math.log2(share)
  }
  return perCharacter * text.length
}
