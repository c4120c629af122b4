import { createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { decodeBase64Url, equalBytes } from '../../lib/bytes.js'
import { deriveKey } from '../../lib/derive-key.js'

/**
 * Known devices: a browser or program that has signed somebody in carries `<key id>.<device id>.<tags>.<signature>`, and is
 * neither a stranger to a locked account nor a new device. It lets nobody in: the password is asked for all the same.
 * A tag is an HMAC over the device and an account, so the token names nobody and two devices have nothing in common.
 */
export type Device = { deviceId: string }

type SigningKey = { id: string; sign: KeyObject; tag: KeyObject }
type Token = Device & { tags: readonly string[] }

const pattern = /^([\w-]{4})\.([\w-]{22})\.((?:[\w-]{12}){1,4})\.([\w-]{22})$/
const mostAccounts = 4
const deviceBytes = 16
const tagBytes = 9
const signatureBytes = 16

/** @param secrets the first makes tokens; all of them are accepted, so that a secret can be replaced */
export const createKnownDevices = (secrets: readonly [string, ...string[]]) => {
  const keys = secrets.map(keyOf)
  const [current] = keys
  if (current === undefined) throw new Error('Known devices need a secret')

  const tokenOf = (text: string | undefined): Token | undefined => {
    const [, keyId = '', deviceId = '', tags = '', signature = ''] = pattern.exec(text ?? '') ?? []
    const key = keys.find(({ id }) => id === keyId)
    const bytes = decodeBase64Url(signature)
    if (key === undefined || bytes === undefined) return undefined
    if (!equalBytes(bytes, signatureOf(key, `${keyId}.${deviceId}.${tags}`))) return undefined
    return { deviceId, tags: tags.match(/.{12}/g) ?? [] }
  }

  /** An account that signed in before the secret was replaced has its tag from the old one. */
  const tagsOf = (deviceId: string, userId: string): string[] =>
    keys.map((key) => tagOf(key, deviceId, userId))

  return {
    /** The device, or undefined when the token was not made here. */
    read: (text: string | undefined): Device | undefined => {
      const token = tokenOf(text)
      return token && { deviceId: token.deviceId }
    },
    /** The id of the device, if it has signed this user in and not four others since. */
    knows: (text: string | undefined, userId: string): string | undefined => {
      const token = tokenOf(text)
      if (token === undefined) return undefined
      const mine = tagsOf(token.deviceId, userId)
      return token.tags.some((tag) => mine.includes(tag)) ? token.deviceId : undefined
    },
    /** The token from now on: of the same device, or of a new one when there was none. */
    remember: (text: string | undefined, userId: string): string => {
      const token = tokenOf(text)
      const deviceId = token?.deviceId ?? randomBytes(deviceBytes).toString('base64url')
      const mine = tagsOf(deviceId, userId)
      const others = (token?.tags ?? []).filter((tag) => !mine.includes(tag))
      const tags = [tagOf(current, deviceId, userId), ...others].slice(0, mostAccounts)
      const head = `${current.id}.${deviceId}.${tags.join('')}`
      return `${head}.${signatureOf(current, head).toString('base64url')}`
    },
  }
}
export type KnownDevices = ReturnType<typeof createKnownDevices>

const keyOf = (secret: string): SigningKey => {
  const sign = deriveKey(secret, 'known device')
  return {
    id: createHash('sha256').update(sign).digest('base64url').slice(0, 4),
    sign: createSecretKey(sign),
    tag: createSecretKey(deriveKey(secret, 'known device account')),
  }
}

const signatureOf = (key: SigningKey, head: string): Buffer =>
  createHmac('sha256', key.sign).update(head).digest().subarray(0, signatureBytes)

const tagOf = (key: SigningKey, deviceId: string, userId: string): string =>
  createHmac('sha256', key.tag)
    .update(`${deviceId}.${userId}`)
    .digest()
    .subarray(0, tagBytes)
    .toString('base64url')
