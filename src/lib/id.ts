import { randomUUID } from 'node:crypto'

/** A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then randomness. Sorts by time, never reused. */
export const createId = (now: Date): string => {
  const time = now.getTime().toString(16).padStart(12, '0')
  const random = randomUUID() // its variant stands where ours must, and Node keeps a store of them
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
}

/** Sixteen bytes as the usual 36 characters. */
export const formatUuid = (bytes: Buffer): string => {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The sixteen bytes of a UUID, or undefined when the text is not one in lower case. */
export const parseUuid = (text: string): Buffer | undefined =>
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
    ? Buffer.from(text.replaceAll('-', ''), 'hex')
    : undefined
