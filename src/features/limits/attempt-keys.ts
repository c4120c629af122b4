import { createHmac, createSecretKey } from 'node:crypto'
import { deriveKey } from '../../lib/derive-key.js'
import { addressKey } from '../../lib/ip-address.js'
import type { Kind } from './policy.js'

/** Whose password is tried: an account, or a name that none has. */
export type Target = { userId: string } | { name: string }

/** A key and what it stands for. */
export type AttemptKey = {
  kind: Kind
  key: string
  subjectId: string | null
  address: string | null
}

/**
 * Names that no account has share this many rows of each kind, and addresses that many: what strangers make up cannot fill
 * the store. Which of them share one is known to nobody without the secret.
 */
const nameBuckets = 65_536
const addressBuckets = 131_072

/** What tries are counted by: HMACs, so that the store holds no name that was only typed. */
export const createAttemptKeys = (secret: string) => {
  const hmacKey = createSecretKey(deriveKey(secret, 'attempts'))
  const digest = (parts: readonly string[]): Buffer =>
    createHmac('sha256', hmacKey).update(parts.join('\0')).digest()
  const whole = (...parts: string[]): string => digest(parts).toString('base64url')
  const bucket = (count: number, ...parts: string[]): string =>
    `bucket-${digest(parts).readUInt32BE() % count}`
  const keyOf = (kind: Kind, hash: string, part: Partial<AttemptKey>): AttemptKey => ({
    ...{ kind, key: `${kind}.${hash}`, subjectId: null, address: null },
    ...part,
  })

  return {
    /** Of a stranger: by the account and the address together, the account, and the address. */
    ofStranger: (target: Target, callerAddress: string | undefined): AttemptKey[] => {
      const address = addressKey(callerAddress)
      const isKnown = 'userId' in target
      const subjectId = isKnown ? target.userId : null
      const hash = (kind: Kind, ...parts: string[]): string =>
        isKnown
          ? whole(kind, target.userId, ...parts)
          : bucket(nameBuckets, kind, target.name, ...parts)
      return [
        keyOf('pair', hash('pair', address), { subjectId, address }),
        keyOf('account', hash('account'), { subjectId }),
        keyOf('address', bucket(addressBuckets, 'address', address), { address }),
      ]
    },
    /** Of a device that has signed this account in before: by nothing else, so that no stranger can lock it out. */
    ofDevice: (userId: string, deviceId: string): AttemptKey[] => [
      keyOf('device', whole('device', userId, deviceId), { subjectId: userId }),
    ],
    ofAddress: (address: string): string =>
      `address.${bucket(addressBuckets, 'address', addressKey(address))}`,
  }
}
export type AttemptKeys = ReturnType<typeof createAttemptKeys>

/** What a kept key stands for. */
export const kindOf = (key: string): string => key.split('.')[0] ?? ''
