import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { z } from 'zod'
import { optionalText, subject } from './claims.js'
import type { Provider } from './provider.js'

/** Sign in with Apple: https://developer.apple.com/documentation/signinwithapplerestapi */
const issuer = 'https://appleid.apple.com'
/** Apple allows six months; this one is made for each call. */
const secretSeconds = 300

const settings = z.strictObject({
  teamId: z.string({ error: 'is needed: the ten signs of your team' }),
  keyId: z.string({ error: 'is needed: the ten signs of the key for Sign in with Apple' }),
  privateKey: z
    .string({ error: 'is needed: the text of the .p8 file of that key' })
    .transform((pem, context): KeyObject => {
      const key = readKey(pem)
      if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
      context.addIssue({ code: 'custom', message: 'must be the text of a .p8 file from Apple' })
      return z.NEVER
    }),
})

/** Environments often hold line ends as two signs. */
const readKey = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'))
  } catch {
    return undefined // its words may quote the key
  }
}

/** Apple's documents have these claims as truth values or as texts, so both count here, and only here. */
const saysTrueOrSo = z
  .unknown()
  .optional()
  .transform((value) => value === true || value === 'true')

const claims = z.object({ sub: subject, email: optionalText, email_verified: saysTrueOrSo })

/** Addresses that Apple gives out itself, those that hide the true one (is_private_email) among them. */
const isApples = (email: string): boolean =>
  /@(?:icloud|me|mac|privaterelay\.appleid)\.com$/i.test(email)

export const apple = settings.transform(
  ({ teamId, keyId, privateKey }): Provider => ({
    name: 'apple',
    title: 'Apple',
    protocol: 'openid',
    server: { issuer },
    scopes: ['openid', 'email'],
    responseMode: 'form_post', // Apple insists, as soon as an address is asked for
    makeSecret: (clientId, now) => {
      const iat = Math.floor(now.getTime() / 1000)
      const claims = { iss: teamId, iat, exp: iat + secretSeconds, aud: issuer, sub: clientId }
      const input = [{ alg: 'ES256', kid: keyId, typ: 'JWT' }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
      return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
    },
    person: claims.transform(({ sub, email = null, email_verified }) => ({
      subject: sub,
      email,
      isEmailConfirmed: email_verified,
      // others were confirmed once, and may have changed hands since
      isEmailAuthoritative: email_verified && isApples(email ?? ''),
      // names come once, in a form that the browser could change: they are not taken
      firstName: null,
      lastName: null,
      picture: null,
    })),
  }),
)
