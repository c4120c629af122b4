import { timingSafeEqual } from 'node:crypto'

/**
 * Bytes of a base64url text, or undefined when it is not the one canonical spelling of them:
 * padding, white space, foreign characters and set trailing bits are refused (RFC 4648 §3.5).
 */
export const decodeBase64Url = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** The same for plain base64, padding included (RFC 4648 §4). */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** Compares without telling by its duration where the difference is. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteLength === b.byteLength && timingSafeEqual(a, b)
