import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { deriveKey } from '../../lib/derive-key.js'
import { eventValues, macOf, type RecorderOrigin, recorderValues } from './chain.js'
import type { ChainedEvent } from './store.js'

/** What the trail is sealed with, all of it derived from one root secret: whoever has only the database has none of it. */
export type TrailKey = {
  eventMac(before: string, event: Omit<ChainedEvent, 'mac'>): string
  recorderMac(before: string, recorder: RecorderOrigin): string
  /** The text with a signature at its end (Ed25519, RFC 8032): with the public key anybody can check it. */
  sign(text: string): string
  /** The text without its signature, or undefined when that is not ours. */
  open(signed: string): string | undefined
  /** In PEM. */
  publicKey: string
}

export const createTrailKey = (secret: string): TrailKey => {
  const macKey = deriveKey(secret, 'audit chain')
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Start, deriveKey(secret, 'audit checkpoints')]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicKey = createPublicKey(privateKey)

  return {
    eventMac: (before, event) => macOf(macKey, before, eventValues(event)),
    recorderMac: (before, recorder) => macOf(macKey, before, recorderValues(recorder)),
    sign: (text) => `${text}.${sign(null, Buffer.from(text), privateKey).toString('hex')}`,
    open: (signed) => {
      const [, text, signature] = signedForm.exec(signed) ?? []
      if (text === undefined || signature === undefined) return undefined
      const isOurs = verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'hex'))
      return isOurs ? text : undefined
    },
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}

/** A private key of Ed25519 is these bytes and a seed of 32 (RFC 8410 §7). */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

const signedForm = /^([\w.:,]+)\.([0-9a-f]{128})$/
