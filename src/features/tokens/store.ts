/** A generated signing key. Its state follows from the times alone: see keys.ts. */
export type SigningKey = {
  /** RFC 7638 thumbprint of the public key. */
  id: string
  /** 1 for the first key of this store, then one more for each. */
  sequence: number
  algorithm: string
  /** JWK with public members only, as JSON text. */
  publicJwk: string
  /** PKCS #8 in PEM, sealed. */
  sealedPrivateKey: string
  createdAt: Date
  /** From when on it signs. */
  activatesAt: Date
}

export type KeyStore = {
  /** Adds the key if its sequence number is free: of callers with the same number exactly one is told true. */
  append(key: SigningKey): Promise<boolean>
  /** All keys in order of their sequence. */
  list(): Promise<SigningKey[]>
  remove(id: string): Promise<void>
}
