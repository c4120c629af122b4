import { createHash, createHmac } from 'node:crypto'
import { mostBytesForBcrypt } from '../policy.js'
import type { HashKind, StoredHash } from './kind.js'

/** bcrypt in the modular crypt format, and the ways of Django and passlib to feed it a digest of the password. */
export const bcrypt: HashKind = (stored) =>
  plain(stored) ?? djangoSha256(stored) ?? passlibSha256(stored) ?? passlibOldSha256(stored)

/** 22 digits of salt and 31 of hash, whose last ones have bits to spare that are nought. */
const digitsForm = '[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]'
const plainForm = new RegExp(String.raw`^(bcrypt\$|)(\$2[aby]\$(\d\d)\$${digitsForm})$`)
const djangoForm = new RegExp(String.raw`^bcrypt_sha256\$(\$2[aby]\$(\d\d)\$${digitsForm})$`)
const salted = digitsForm.replace('[.Oeu]', '[.Oeu])\\$(')
const passlibForm = new RegExp(
  String.raw`^\$bcrypt-sha256\$v=2,t=(2[ab]),r=([1-9]\d?)\$(${salted})$`,
)
const passlibOldForm = new RegExp(String.raw`^\$bcrypt-sha256\$(2[ab]),([1-9]\d?)\$(${salted})$`)

const plain: HashKind = (stored) => {
  const [, django, hash = '', costText] = plainForm.exec(stored) ?? []
  const cost = costOf(costText)
  if (cost === undefined) return undefined
  return {
    kind: 'bcrypt',
    isAbsurd: cost > mostCost,
    job: (password) =>
      isWholeForBcrypt(password) ? { kind: 'bcrypt-verify', password, hash } : undefined,
    ...(django === '' && { settings: { algorithm: 'bcrypt', cost } }),
  }
}

const djangoSha256: HashKind = (stored) => {
  const [, hash = '', costText] = djangoForm.exec(stored) ?? []
  return digested({
    kind: 'Django bcrypt of SHA-256',
    hash,
    costText,
    digest: (password) => createHash('sha256').update(password).digest('hex'),
  })
}

const passlibSha256: HashKind = (stored) => {
  const [, version, costText, salt = '', digits] = passlibForm.exec(stored) ?? []
  const hash = `$${version}$${costText?.padStart(2, '0')}$${salt}${digits}`
  return digested({
    kind: 'passlib bcrypt of SHA-256',
    hash,
    costText,
    digest: (password) => createHmac('sha256', salt).update(password).digest('base64'),
  })
}

/** Before passlib 1.7.3. */
const passlibOldSha256: HashKind = (stored) => {
  const [, version, costText, salt = '', digits] = passlibOldForm.exec(stored) ?? []
  const hash = `$${version}$${costText?.padStart(2, '0')}$${salt}${digits}`
  return digested({
    kind: 'passlib bcrypt of SHA-256',
    hash,
    costText,
    digest: (password) => createHash('sha256').update(password).digest('base64'),
  })
}

type Digested = {
  kind: string
  hash: string
  costText: string | undefined
  digest(password: string): string
}

/** A digest fits into 72 bytes, so here every password counts to its end. */
const digested = ({ kind, hash, costText, digest }: Digested): StoredHash | undefined => {
  const cost = costOf(costText)
  if (cost === undefined) return undefined
  return {
    kind,
    isAbsurd: cost > mostCost,
    job: (password) => ({ kind: 'bcrypt-verify', password: digest(password), hash }),
  }
}

const mostCost = 15

const costOf = (text: string | undefined): number | undefined => {
  const cost = Number(text ?? 0)
  return cost >= 4 && cost <= 31 ? cost : undefined
}

/**
 * bcrypt ignores what comes after 72 bytes, so a longer password would pass for its beginning; and it repeats the password
 * with a nought between, so `abc\0abc` would pass for `abc`.
 */
export const isWholeForBcrypt = (password: string): boolean =>
  Buffer.byteLength(password) <= mostBytesForBcrypt && !password.includes('\0')
