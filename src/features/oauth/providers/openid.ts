import { z } from 'zod'
import { nameOf, namesOf, optionalText, pictureOf, saysTrue, subject } from './claims.js'
import type { Provider } from './provider.js'

/** An OpenID provider that is known by its issuer only (OpenID Connect Core 1.0 §5.1). */
const claims = z.object({
  sub: subject,
  email: optionalText,
  email_verified: saysTrue,
  name: optionalText,
  given_name: optionalText,
  family_name: optionalText,
  picture: optionalText,
})

type About = {
  name: string
  title?: string | undefined
  issuer: string
  /** Its word about addresses is as good as a mail of ours: for a provider that is the operator's own. */
  trustsEmail?: boolean | undefined
}

export const openid = ({ name, title = name, issuer, trustsEmail = false }: About): Provider => ({
  name,
  title,
  protocol: 'openid',
  server: { issuer },
  scopes: ['openid', 'email', 'profile'],
  person: claims.transform(({ sub, email = null, email_verified, ...said }) => ({
    subject: sub,
    email,
    isEmailConfirmed: email_verified,
    isEmailAuthoritative: email_verified && trustsEmail,
    ...(said.given_name || said.family_name
      ? { firstName: nameOf(said.given_name), lastName: nameOf(said.family_name) }
      : namesOf(said.name)),
    picture: pictureOf(said.picture),
  })),
  fetchClaims: 'userinfo',
})
