import { randomBytes } from 'node:crypto'
import { bearerOf, json, type Look } from './look.js'
import { createOpenIdLook, emailClaims, type LookDeps } from './openid-look.js'
import { nameOf, type StandInPerson } from './people.js'

/** Discord: https://docs.discord.com/developers/topics/oauth2 */
const issuer = 'https://discord.com'

export const discordStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'discord',
    title: 'Discord',
    issuer,
    endpoints: {
      authorization: `${issuer}/oauth2/authorize`,
      token: `${issuer}/api/oauth2/token`,
      userinfo: `${issuer}/api/oauth2/userinfo`,
      keys: `${issuer}/api/oauth2/keys`,
    },
    placeOf: (path) =>
      path.replace('/api/v10/', '/api/').replace('/api/oauth2/authorize', '/oauth2/authorize'),
    document: {
      scopes_supported: ['openid', 'identify', 'email'],
      code_challenge_methods_supported: ['S256'],
    },
    claims: (person, scopes) => ({
      sub: person.subject,
      ...(scopes.has('identify') || scopes.has('profile')
        ? {
            preferred_username: userNameOf(person),
            nickname: nameOf(person),
            ...(person.picture !== null && { picture: person.picture }),
          }
        : {}),
      ...(scopes.has('email') && emailClaims(person)),
    }),
    tokenMembers: () => ({
      expires_in: 604_800,
      refresh_token: randomBytes(24).toString('base64url'),
    }),
    answer: (question, { grants }) => {
      const holder = grants.holder(bearerOf(question))
      const path = question.path.replace('/api/v10/', '/api/')
      if (path !== '/discord.com/api/users/@me' && path !== '/discord.com/api/oauth2/@me')
        return undefined
      if (holder === undefined) return json({ message: '401: Unauthorized', code: 0 }, 401)
      const user = {
        id: holder.person.subject,
        username: userNameOf(holder.person),
        global_name: nameOf(holder.person),
        discriminator: '0',
        avatar: holder.person.picture && '0123456789abcdef0123456789abcdef',
      }
      if (path.endsWith('/oauth2/@me'))
        return json({
          application: { id: holder.clientId, name: 'App', description: '', bot_public: true },
          scopes: [...holder.scopes],
          expires: new Date(Date.now() + 604_800_000).toISOString(),
          ...((holder.scopes.has('identify') || holder.scopes.has('profile')) && { user }),
        })
      const { email, emailVerified } = holder.person
      return json({
        ...user,
        ...(holder.scopes.has('email') && { email, verified: emailVerified }),
      })
    },
  })

const userNameOf = ({ firstName, lastName }: StandInPerson): string =>
  `${firstName}.${lastName}`.toLowerCase().replace(/[^a-z0-9._]/g, '')
