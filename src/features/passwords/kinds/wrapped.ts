import { createHash } from 'node:crypto'
import { argon2 } from './argon2.js'
import { fromBareBase64 } from './encodings.js'
import type { HashKind } from './kind.js'

export const weakDigests = ['md5', 'sha1', 'sha256', 'sha512'] as const
export type WeakDigest = (typeof weakDigests)[number]

/** What an old system digested, in its order. */
export const weakOrders = ['password', 'salt-password', 'password-salt'] as const
export type WeakOrder = (typeof weakOrders)[number]

/**
 * A weak digest that was wrapped into argon2id at import, so that no weak one rests anywhere: argon2id of the digest's hex
 * digits in lower case.
 *
 * `$wrapped$<digest>[-<order>]$<salt in bare base64url or nothing>$argon2id$…`
 */
export const wrapped: HashKind = (stored) => {
  const [, digestName, orderName = 'password', saltText = '', inner = ''] =
    /^\$wrapped\$(md5|sha1|sha256|sha512)(?:-(salt-password|password-salt))?\$([A-Za-z0-9_-]{0,86})(\$argon2id\$.+)$/.exec(
      stored,
    ) ?? []
  const digest = weakDigests.find((name) => name === digestName)
  const order = weakOrders.find((name) => name === orderName)
  const salt = fromBareBase64(saltText.replaceAll('-', '+').replaceAll('_', '/'))
  const hash = argon2(inner)
  if (!digest || !order || !salt || !hash) return undefined
  if ((order === 'password') !== (salt.length === 0)) return undefined
  return {
    kind: `wrapped ${digest}`,
    isAbsurd: hash.isAbsurd,
    job: (password) => hash.job(weakHex({ digest, order, salt, password })),
  }
}

const weakHex = ({
  digest,
  order,
  salt,
  password,
}: {
  digest: WeakDigest
  order: WeakOrder
  salt: Buffer
  password: string
}): string => {
  const sum = createHash(digest)
  if (order === 'salt-password') sum.update(salt)
  sum.update(password)
  if (order === 'password-salt') sum.update(salt)
  return sum.digest('hex')
}
