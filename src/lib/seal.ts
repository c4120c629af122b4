import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from './derive-key.js'

/** Keeps a value unreadable at rest: AES-256-GCM, bound to the name of the place it is kept. */
export type Seal = {
  seal(plaintext: string, place: string): string
  /** The plaintext, or undefined when it was sealed with other secrets, moved or changed. */
  open(sealed: string, place: string): string | undefined
}

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/** Seals with the first secret; opens what any of them sealed. */
export const createSeal = (secrets: readonly [string, ...string[]]): Seal => {
  const [current, ...previous] = secrets.map((secret) => deriveKey(secret, 'seal'))
  if (current === undefined) throw new Error('A seal needs a secret')

  return {
    seal: (plaintext, place) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', current, iv).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return `${version}.${Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url')}`
    },
    open: (sealed, place) => {
      if (!sealed.startsWith(`${version}.`)) return undefined
      const bytes = Buffer.from(sealed.slice(version.length + 1), 'base64url')
      for (const key of [current, ...previous]) {
        const plaintext = openWith(key, bytes, place)
        if (plaintext !== undefined) return plaintext
      }
      return undefined
    },
  }
}

const openWith = (key: Buffer, bytes: Buffer, place: string): string | undefined => {
  if (bytes.length < ivBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(-tagBytes))
  try {
    return (
      decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') +
      decipher.final('utf8')
    )
  } catch {
    return undefined
  }
}
