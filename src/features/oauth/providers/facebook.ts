import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { nameOf, optionalText, pictureOf, subject } from './claims.js'
import type { Provider } from './provider.js'

/** Facebook: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow */
const graph = 'https://graph.facebook.com/v23.0'

const claims = z.object({
  id: subject,
  email: optionalText,
  first_name: optionalText,
  last_name: optionalText,
  picture: z.object({ data: z.object({ url: optionalText }) }).nullish(),
})

/** Of a token that is none it says little more than that. */
const inspected = z.object({
  data: z.object({
    app_id: z.string().optional(),
    type: z.string().optional(),
    is_valid: z.boolean(),
  }),
})

export const facebook: Provider = {
  name: 'facebook',
  title: 'Facebook',
  protocol: 'oauth2',
  server: {
    issuer: 'https://www.facebook.com',
    authorization_endpoint: 'https://www.facebook.com/v23.0/dialog/oauth',
    token_endpoint: `${graph}/oauth/access_token`,
  },
  scopes: ['email', 'public_profile'],
  person: claims.transform(({ id, email = null, ...said }) => ({
    subject: id,
    email,
    // it gives only addresses that were confirmed, without saying when: good for a new account, not for somebody else's
    isEmailConfirmed: email !== null,
    isEmailAuthoritative: false,
    firstName: nameOf(said.first_name),
    lastName: nameOf(said.last_name),
    picture: pictureOf(said.picture?.data.url),
  })),
  fetchClaims: (ask, accessToken, { secret }) => {
    const query = new URLSearchParams({
      fields: 'id,name,email,first_name,last_name,picture',
      // shows that this token is used by who knows the secret; apps may demand it
      appsecret_proof: createHmac('sha256', secret).update(accessToken).digest('hex'),
    })
    return ask(`${graph}/me?${query}`, { headers: { authorization: `Bearer ${accessToken}` } })
  },
  confirm: async (ask, accessToken, { id, secret }) => {
    const query = new URLSearchParams({
      input_token: accessToken,
      access_token: `${id}|${secret}`,
    })
    const { data } = inspected.parse(await ask(`${graph}/debug_token?${query}`))
    // a page or an app also has tokens of ours: those are nobody's sign-in
    return data.is_valid && data.app_id === id && data.type === 'USER'
  },
}
