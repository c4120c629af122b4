import { generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Look } from './look.js'
import { createOpenIdLook, type LookDeps } from './openid-look.js'
import type { StandInPerson } from './people.js'

/**
 * Apple: https://developer.apple.com/documentation/signinwithapple. The answer comes as a form, the client secret is a JWT
 * that the team signs (ES256), names come beside the code and in no token, and only the first time.
 */
export type AppleKey = {
  teamId: string
  keyId: string
  /** As in the .p8 file that Apple hands out: PKCS #8, PEM. */
  privateKey: string
}

const issuer = 'https://appleid.apple.com'
const longestSeconds = 15_777_000

export const createAppleKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key: AppleKey = {
    teamId: 'STANDIN001',
    keyId: 'STANDINKEY',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  const isSecret = async (clientId: string, secret: string): Promise<boolean> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(secret, publicKey, {
        ...{ algorithms: ['ES256'], issuer: key.teamId, audience: issuer, subject: clientId },
        requiredClaims: ['iat', 'exp'],
      })
      const { iat = 0, exp = Number.POSITIVE_INFINITY } = payload
      return protectedHeader.kid === key.keyId && exp - iat <= longestSeconds
    } catch {
      return false
    }
  }
  return { key, isSecret }
}

export const appleStandIn = (
  deps: LookDeps,
  isSecret: (clientId: string, secret: string) => Promise<boolean>,
): Look => {
  const met = new Set<string>()
  return createOpenIdLook(deps, {
    name: 'apple',
    title: 'Apple',
    issuer,
    endpoints: {
      authorization: `${issuer}/auth/authorize`,
      token: `${issuer}/auth/token`,
      keys: `${issuer}/auth/keys`,
    },
    document: {
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      scopes_supported: ['openid', 'email', 'name'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
    knowsPkce: false,
    checkSecret: isSecret,
    cancelled: { error: 'user_cancelled_authorize' },
    needsFormPost: true,
    hasOpenIdUnasked: true,
    besidesFor: (person, query) => {
      const isFirst = !met.has(`${query.get('client_id')} ${person.subject}`)
      met.add(`${query.get('client_id')} ${person.subject}`)
      if (!isFirst || !query.get('scope')?.split(' ').includes('name')) return {}
      const { firstName, lastName, email } = person
      return { user: JSON.stringify({ name: { firstName, lastName }, ...(email && { email }) }) }
    },
    claims: (person: StandInPerson, scopes) => ({
      sub: person.subject,
      ...(scopes.has('email') &&
        person.email !== null && {
          email: person.email,
          email_verified: person.emailVerified,
          ...(person.email.endsWith('@privaterelay.appleid.com') && { is_private_email: true }),
        }),
      auth_time: Math.floor(Date.now() / 1000),
      nonce_supported: true,
    }),
  })
}
