import { z } from 'zod'
import { nameOf, optionalText, pictureOf, saysTrue, subject } from './claims.js'
import type { Provider } from './provider.js'

/** Google: https://developers.google.com/identity/openid-connect/openid-connect */
const claims = z.object({
  sub: subject,
  email: optionalText,
  email_verified: saysTrue,
  /** The Workspace domain that the account belongs to. */
  hd: optionalText,
  given_name: optionalText,
  family_name: optionalText,
  picture: optionalText,
})

const tokenInfo = z.object({ aud: z.string(), sub: subject.optional() })

export const google: Provider = {
  name: 'google',
  title: 'Google',
  protocol: 'openid',
  server: { issuer: 'https://accounts.google.com' },
  scopes: ['openid', 'email', 'profile'],
  person: claims.transform(({ sub, email = null, ...said }) => ({
    subject: sub,
    email,
    isEmailConfirmed: said.email_verified,
    // Google answers for addresses of its own and of Workspace; others may have changed hands since they were confirmed
    isEmailAuthoritative:
      said.email_verified && (Boolean(said.hd) || /@gmail\.com$/i.test(email ?? '')),
    firstName: nameOf(said.given_name),
    lastName: nameOf(said.family_name),
    picture: pictureOf(said.picture),
  })),
  fetchClaims: 'userinfo',
  confirm: async (ask, accessToken, { id }) => {
    const query = new URLSearchParams({ access_token: accessToken })
    return tokenInfo.parse(await ask(`https://oauth2.googleapis.com/tokeninfo?${query}`)).aud === id
  },
}
