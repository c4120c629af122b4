import { randomBytes } from 'node:crypto'

/** A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness. Sorts by time, never reused. */
export const createId = (now: Date): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return formatUuid(bytes)
}

/** Sixteen bytes as the usual 36 characters. */
export const formatUuid = (bytes: Buffer): string => {
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

/** The sixteen bytes of a UUID, or undefined when the text is not one in lower case. */
export const parseUuid = (text: string): Buffer | undefined =>
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
    ? Buffer.from(text.replaceAll('-', ''), 'hex')
    : undefined
