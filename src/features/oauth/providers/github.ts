import { z } from 'zod'
import { namesOf, optionalText, pictureOf } from './claims.js'
import type { Provider } from './provider.js'

/** GitHub: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
const api = 'https://api.github.com'
const accept = { accept: 'application/vnd.github+json', 'user-agent': 'latchkey' }

const claims = z.object({
  /** Names change hands; the number never does. */
  user: z.object({
    id: z.int().positive(),
    login: z.string(),
    name: optionalText,
    avatar_url: optionalText,
  }),
  emails: z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() })),
})

const checked = z.object({ app: z.object({ client_id: z.string() }) })

export const github: Provider = {
  name: 'github',
  title: 'GitHub',
  protocol: 'oauth2',
  server: {
    issuer: 'https://github.com/login/oauth',
    authorization_endpoint: 'https://github.com/login/oauth/authorize',
    token_endpoint: 'https://github.com/login/oauth/access_token',
  },
  scopes: ['read:user', 'user:email'],
  person: claims.transform(({ user, emails }) => {
    // never the address of the public profile: that one only has to be shown, not to be theirs
    const email = emails.find(({ primary, verified }) => primary && verified)?.email ?? null
    return {
      subject: String(user.id),
      email,
      isEmailConfirmed: email !== null,
      // GitHub mailed a link to it, and whoever reads its mail can take that GitHub account over: as good as a mail of ours
      isEmailAuthoritative: email !== null,
      ...namesOf(user.name ?? user.login),
      picture: pictureOf(user.avatar_url),
    }
  }),
  fetchClaims: async (ask, accessToken) => {
    const headers = { ...accept, authorization: `Bearer ${accessToken}` }
    const [user, emails] = [
      await ask(`${api}/user`, { headers }),
      await ask(`${api}/user/emails`, { headers }),
    ]
    return { user, emails }
  },
  confirm: async (ask, accessToken, { id, secret }) => {
    const answer = await ask(`${api}/applications/${encodeURIComponent(id)}/token`, {
      method: 'POST',
      headers: {
        ...accept,
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      },
      body: JSON.stringify({ access_token: accessToken }),
    })
    return checked.parse(answer).app.client_id === id
  },
}
