import { hkdfSync } from 'node:crypto'

/** A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869): keys of other purposes tell nothing about it. */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'latchkey', purpose, 32))
