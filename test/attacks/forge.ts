import { createHmac, KeyObject, sign as signWith } from 'node:crypto'
import { importPKCS8 } from 'jose'
import { createSeal } from '../../src/lib/seal.js'
import { jwtSecret, rootSecret, type Target } from './target.js'

/** Tokens as an attacker makes them, byte by byte; no library stands between. */
export type Signer = (input: string) => Buffer

export const encode = (value: string | Uint8Array): string =>
  Buffer.from(value).toString('base64url')
export const json = (value: unknown): string => encode(JSON.stringify(value))

export const compact = (header: unknown, payload: unknown, sign: Signer): string =>
  signed(json(header), json(payload), sign)

/** Header and payload already encoded. */
export const signed = (header: string, payload: string, sign: Signer): string =>
  `${header}.${payload}.${encode(sign(`${header}.${payload}`))}`

export const hmac =
  (key: string | Uint8Array, algorithm = 'sha256'): Signer =>
  (input) =>
    createHmac(algorithm, key).update(input).digest()

export const ecdsa =
  (key: KeyObject, algorithm = 'sha256', form: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signer =>
  (input) =>
    signWith(algorithm, Buffer.from(input), { key, dsaEncoding: form })

export const rsa =
  (key: KeyObject, algorithm = 'sha256'): Signer =>
  (input) =>
    signWith(algorithm, Buffer.from(input), key)

export const nothing: Signer = () => Buffer.alloc(0)

export type Opened = {
  header: Record<string, unknown>
  payload: Record<string, unknown>
  parts: [string, string, string]
}

export const open = (token: string): Opened => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload), parts: [header, payload, signature] }
}

/** The server's own signature, as only somebody with its secrets can make it. */
export const ownSigner = async (target: Target, mode: string): Promise<Signer> =>
  mode === 'HS256' ? hmac(jwtSecret) : ecdsa(await ownPrivateKey(target))

const ownPrivateKey = async ({ auth }: Target): Promise<KeyObject> => {
  const [key] = await auth.store.keys.list()
  if (key === undefined) throw new Error('There is no signing key')
  const text = createSeal([rootSecret]).open(key.sealedPrivateKey, `signing key ${key.id}`)
  if (text === undefined) throw new Error('The signing key did not open')
  return KeyObject.from(await importPKCS8(text, 'ES256', { extractable: true }))
}
