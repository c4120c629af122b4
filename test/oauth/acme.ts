import { z } from 'zod'
import type { Provider } from '../../src/index.js'

/** Acme: https://acme.example/docs/oauth */
const api = 'https://api.acme.example'

const claims = z.object({
  id: z.string().min(1).max(255),
  mail: z.string().nullish(),
  mail_confirmed: z.boolean().default(false),
  name: z.string().nullish(),
})

const inspected = z.object({ active: z.boolean(), client_id: z.string().optional() })

export const acme: Provider = {
  name: 'acme',
  title: 'Acme',
  protocol: 'oauth2',
  server: {
    issuer: 'https://acme.example',
    authorization_endpoint: 'https://acme.example/oauth/authorize',
    token_endpoint: 'https://acme.example/oauth/token',
  },
  scopes: ['profile', 'email'],
  person: claims.transform(({ id, mail = null, mail_confirmed, name = null }) => ({
    subject: id,
    email: mail,
    isEmailConfirmed: mail !== null && mail_confirmed,
    isEmailAuthoritative: false,
    firstName: name,
    lastName: null,
    picture: null,
  })),
  fetchClaims: (ask, accessToken) =>
    ask(`${api}/me`, { headers: { authorization: `Bearer ${accessToken}` } }),
  confirm: async (ask, accessToken, { id, secret }) => {
    const answer = await ask('https://acme.example/oauth/introspect', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      },
      body: new URLSearchParams({ token: accessToken }).toString(),
    })
    const { active, client_id } = inspected.parse(answer)
    return active && client_id === id
  },
}
