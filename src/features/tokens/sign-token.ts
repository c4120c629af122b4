import { createHmac, type KeyObject, sign } from 'node:crypto'
import type { JWTPayload } from 'jose'

/** What signs: `id` is the `kid` of the header, absent with a shared secret. */
export type Signer = { id: string | undefined; algorithm: string; key: KeyObject }

/**
 * A compact JWS (RFC 7515 §7.1). Tokens are only ever checked through jose; making one needs no parser, and Web Crypto
 * would take a thread and four times as long for it.
 */
export const signToken = (type: string, payload: JWTPayload, signer: Signer): string => {
  const { id, algorithm } = signer
  const header = { alg: algorithm, typ: type, ...(id !== undefined && { kid: id }) }
  const content = `${encode(header)}.${encode(payload)}`
  return `${content}.${signatureOf(content, signer).toString('base64url')}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signatureOf = (content: string, { algorithm, key }: Signer): Buffer => {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(content).digest()
  if (algorithm !== 'ES256') throw new Error(`No key signs ${algorithm}`)
  return sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }) // RFC 7518 §3.4
}
