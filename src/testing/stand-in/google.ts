import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { bearerOf, createCodes } from './codes.js'
import { type IdTokenTwist, json, type Look, type Question, type StandInPerson } from './look.js'

/** Google, as far as signing in goes: discovery, authorization, token, tokeninfo, userinfo, keys. */
const issuer = 'https://accounts.google.com'
const keyId = 'stand-in-1'

export const googleStandIn = async ({
  people,
  twistIdToken,
}: {
  people: readonly StandInPerson[]
  twistIdToken: IdTokenTwist
}): Promise<Look> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, use: 'sig', alg: 'RS256' }]
  const codes = createCodes(people)

  const claimsOf = (person: StandInPerson) => ({
    sub: person.subject,
    ...(person.email !== null && { email: person.email, email_verified: person.emailVerified }),
    name: `${person.firstName} ${person.lastName}`,
    given_name: person.firstName,
    family_name: person.lastName,
    ...(person.picture !== null && { picture: person.picture }),
  })

  const idToken = (person: StandInPerson, clientId: string, nonce: string | null) => {
    const now = Math.floor(Date.now() / 1000)
    const { header, claims } = twistIdToken({
      header: { alg: 'RS256', kid: keyId, typ: 'JWT' },
      claims: {
        ...{ iss: issuer, azp: clientId, aud: clientId, iat: now, exp: now + 3600 },
        ...(nonce !== null && { nonce }),
        ...claimsOf(person),
      },
    })
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(privateKey)
  }

  const token = async (question: Question) => {
    const granted = codes.redeem(question)
    if (granted === undefined)
      return json({ error: 'invalid_grant', error_description: 'Bad Request' }, 400)
    const { person, clientId, nonce, accessToken } = granted
    return json({
      access_token: accessToken,
      expires_in: 3599,
      scope:
        'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile',
      token_type: 'Bearer',
      id_token: await idToken(person, clientId, nonce),
    })
  }

  return async (question) => {
    switch (question.path) {
      case '/accounts.google.com/.well-known/openid-configuration':
        return json({
          issuer,
          authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
          token_endpoint: 'https://oauth2.googleapis.com/token',
          userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
          jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
          response_types_supported: ['code', 'token', 'id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          scopes_supported: ['openid', 'email', 'profile'],
          code_challenge_methods_supported: ['plain', 'S256'],
        })
      case '/accounts.google.com/o/oauth2/v2/auth':
        return codes.authorize(question, 'Google')
      case '/oauth2.googleapis.com/token':
        return token(question)
      case '/www.googleapis.com/oauth2/v3/certs':
        return json({ keys })
      case '/openidconnect.googleapis.com/v1/userinfo': {
        const holder = codes.holder(bearerOf(question))
        return holder ? json(claimsOf(holder.person)) : json({ error: 'invalid_token' }, 401)
      }
      case '/oauth2.googleapis.com/tokeninfo': {
        const holder = codes.holder(question.query.get('access_token'))
        if (holder === undefined) return json({ error: 'invalid_token' }, 400)
        const { person, clientId } = holder
        return json({
          azp: clientId,
          aud: clientId,
          sub: person.subject,
          expires_in: '3599',
          access_type: 'online',
        })
      }
      default:
        return undefined
    }
  }
}
