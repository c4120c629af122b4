import { fromBareBase64 } from './encodings.js'
import type { HashKind } from './kind.js'

/**
 * argon2 as PHC strings, of version 19 or 16; a string that names none is of 16, as it was before there were two. Django
 * writes its own name in front.
 *
 * @see https://github.com/P-H-C/phc-string-format/blob/master/argon2-spec.md
 */
export const argon2: HashKind = (stored) => {
  const [, django, hash, name = '', version, memory, passes, lanes, salt = '', digest = ''] =
    form.exec(stored) ?? []
  if (hash === undefined || !fromBareBase64(salt) || !fromBareBase64(digest)) return undefined
  const cost = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(lanes) }
  if (cost.memoryKib < 8 * cost.parallelism) return undefined // RFC 9106 §3.1
  const isOurs = name === 'argon2id' && version === 'v=19$' && django === ''
  return {
    kind: name,
    isAbsurd: cost.memoryKib > 262_144 || cost.passes > 16 || cost.parallelism > 16,
    job: (password) => ({ kind: 'argon2-verify', password, hash }),
    ...(isOurs && { settings: { algorithm: 'argon2id', ...cost } }),
  }
}

const form =
  /^(argon2|)(\$(argon2(?:id|i|d))\$(v=19\$|v=16\$|)m=([1-9]\d{0,8}),t=([1-9]\d{0,4}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{16,172}))$/
