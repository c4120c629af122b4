import { z } from 'zod'
import { namesOf, optionalText, pictureOf, saysTrue } from './claims.js'
import type { Provider } from './provider.js'

/** Discord: https://discord.com/developers/docs/topics/oauth2 */
const api = 'https://discord.com/api/v10'

const snowflake = z.string().regex(/^\d{1,20}$/)

const claims = z.object({
  id: snowflake,
  username: z.string(),
  global_name: optionalText,
  email: optionalText,
  verified: saysTrue,
  avatar: z
    .string()
    .regex(/^\w{1,64}$/)
    .nullish(),
})

const authorization = z.object({ application: z.object({ id: z.string() }) })

export const discord: Provider = {
  name: 'discord',
  title: 'Discord',
  protocol: 'oauth2',
  server: {
    issuer: 'https://discord.com',
    authorization_endpoint: 'https://discord.com/oauth2/authorize',
    token_endpoint: 'https://discord.com/api/oauth2/token',
  },
  scopes: ['identify', 'email'],
  person: claims.transform(({ id, email = null, verified, avatar, ...said }) => ({
    subject: id,
    email,
    isEmailConfirmed: verified,
    isEmailAuthoritative: false, // confirmed once, and never again
    ...namesOf(said.global_name ?? said.username),
    picture: pictureOf(avatar && `https://cdn.discordapp.com/avatars/${id}/${avatar}.png`),
  })),
  fetchClaims: (ask, accessToken) =>
    ask(`${api}/users/@me`, { headers: { authorization: `Bearer ${accessToken}` } }),
  confirm: async (ask, accessToken, { id }) => {
    const headers = { authorization: `Bearer ${accessToken}` }
    return authorization.parse(await ask(`${api}/oauth2/@me`, { headers })).application.id === id
  },
}
