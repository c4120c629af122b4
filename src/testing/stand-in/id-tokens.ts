import { createHmac, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { secretOf } from './grants.js'
import type { IdTokenParts, IdTokens, IdTokenTwist, KeyRotation } from './look.js'

/** ID tokens of one provider and the keys that sign them: right by themselves, wrong in every way a test may want. */
export type Issuer = IdTokens & {
  /** The published keys (RFC 7517). */
  published(): Promise<{ keys: object[] }>
}

type Deps = {
  /** What a token says of somebody. */
  claimsOf(about: Omit<Parameters<IdTokens['make']>[0], 'twist'>): Record<string, unknown>
  twist: IdTokenTwist
  /** Further members of each published key. */
  ofKeys?: object
}

type Key = { id: string; privateKey: KeyObject; publicKey: KeyObject }

export const createIssuer = ({ claimsOf, twist, ofKeys = {} }: Deps): Issuer => {
  // made when the first token is: most tests ask one provider only
  let keys: Promise<Key[]> | undefined
  let namesKeys = true
  let made = 0

  const current = (): Promise<Key[]> => {
    keys ??= newKey().then((key) => [key])
    return keys
  }

  const newKey = async (): Promise<Key> => {
    made += 1
    return { id: `stand-in-${made}`, ...(await generateKey('rsa', { modulusLength: 2048 })) }
  }

  const signatureOf = async (
    input: string,
    signedBy: IdTokenParts['signedBy'],
    clientId: string,
  ): Promise<string> => {
    if (signedBy === 'nobody') return ''
    if (signedBy === 'client secret')
      return createHmac('sha256', secretOf(clientId)).update(input).digest('base64url')
    const [key] = signedBy === 'provider' ? await current() : [await newKey()]
    if (key === undefined) throw new Error('The stand-in has no key')
    return sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')
  }

  const rotate = async ({ keepsOld = false, withoutIds = false }: KeyRotation): Promise<void> => {
    const old = keepsOld ? await current() : []
    const key = await newKey()
    keys = Promise.resolve([key, ...old])
    namesKeys = !withoutIds
  }

  return {
    rotate,
    published: async () => ({
      keys: (await current()).map(({ id, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        ...(namesKeys && { kid: id }),
        use: 'sig',
        alg: 'RS256',
        ...ofKeys,
      })),
    }),
    make: async ({ twist: ownTwist = {}, ...about }) => {
      const [key] = await current()
      const straight: IdTokenParts = {
        header: { alg: 'RS256', ...(namesKeys && key && { kid: key.id }), typ: 'JWT' },
        claims: claimsOf(about),
        signedBy: 'provider',
      }
      const asked = twist(merged(straight, ownTwist))
      if (typeof asked === 'string') return asked
      const { header, claims, signedBy } = { ...merged(straight, ownTwist), ...asked }
      const alg = algorithms[signedBy]
      const whole = { ...header, ...(alg && 'alg' in header && header.alg === 'RS256' && { alg }) }
      const input = `${encoded(whole)}.${encoded(claims)}`
      return `${input}.${await signatureOf(input, signedBy, about.clientId)}`
    },
  }
}

/** What the header says of who signs, unless a test says otherwise. */
const algorithms: Readonly<Partial<Record<IdTokenParts['signedBy'], string>>> = {
  'client secret': 'HS256',
  nobody: 'none',
}

const merged = (straight: IdTokenParts, twist: Partial<IdTokenParts>): IdTokenParts => ({
  header: { ...straight.header, ...twist.header },
  claims: { ...straight.claims, ...twist.claims },
  signedBy: twist.signedBy ?? straight.signedBy,
})

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const generateKey = promisify(generateKeyPair)
