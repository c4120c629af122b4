import { createHmac } from 'node:crypto'
import { createGrants, type Refusal, secretOf } from './grants.js'
import { createIssuer } from './id-tokens.js'
import { type Answer, bearerOf, json, type Look, type Question } from './look.js'
import { areCredentials, type LookDeps, standardClaims } from './openid-look.js'
import { nameOf, type StandInPerson } from './people.js'

/**
 * Facebook: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow. Paths with and without a
 * version; only what `fields` names is told; addresses are confirmed without a word about it.
 */
const issuer = 'https://www.facebook.com'
const version = '(?:/v\\d+\\.\\d+)?'
const paths = {
  dialog: new RegExp(`^/www\\.facebook\\.com${version}/dialog/oauth/?$`),
  token: new RegExp(`^/graph\\.facebook\\.com${version}/oauth/access_token/?$`),
  me: new RegExp(`^/graph\\.facebook\\.com${version}/me/?$`),
  debug: new RegExp(`^/graph\\.facebook\\.com${version}/debug_token/?$`),
  discovery: /^\/www\.facebook\.com\/\.well-known\/openid-configuration\/?$/,
  keys: /^\/www\.facebook\.com\/\.well-known\/oauth\/openid\/jwks\/?$/,
}

export const facebookStandIn = ({ people, twistIdToken }: LookDeps): Look => {
  const grants = createGrants({
    people,
    title: 'Facebook',
    tokenPrefix: 'EAA',
    scopes: (text) => text.split(/[ ,]+/),
    cancelled: {
      error_code: '200',
      error_description: 'Permissions error',
      error_reason: 'user_denied',
    },
    fragment: '#_=_',
  })
  const idTokens = createIssuer({
    twist: twistIdToken,
    claimsOf: ({ person, clientId, nonce, scopes = allScopes }) => {
      const now = Math.floor(Date.now() / 1000)
      const { email_verified: _unsaid, ...claims } = standardClaims(person, asOpenId(scopes))
      const times = { iat: now, exp: now + 3600 }
      return {
        iss: issuer,
        aud: clientId,
        ...times,
        ...(nonce !== undefined && { nonce }),
        ...claims,
      }
    },
  })

  const token = async (question: Question): Promise<Answer> => {
    const redeemed = await grants.redeem(asForm(question))
    if (redeemed.refused !== undefined) return refuse(...refusals[redeemed.refused])
    const { granted, accessToken } = redeemed
    return json({
      access_token: accessToken,
      token_type: 'bearer',
      expires_in: 5_183_944,
      ...(granted.scopes.has('openid') && { id_token: await idTokens.make(granted) }),
    })
  }

  const me = (question: Question): Answer => {
    const { query } = question
    const text = bearerOf(question) ?? query.get('access_token')
    const holder = grants.holder(text)
    if (holder === undefined || !text) return refuse('Invalid OAuth access token.', 190)
    const { person, clientId, scopes } = holder
    const proof = createHmac('sha256', secretOf(clientId)).update(text).digest('hex')
    if ((query.get('appsecret_proof') ?? proof) !== proof)
      return refuse('Invalid appsecret_proof provided in the API argument', 100)
    const asked = (query.get('fields') ?? 'id,name').split(/,(?![^{(]*[})])/)
    const names = new Set(asked.map((field) => field.replace(/[.{(].*$/, '')))
    const known: [string, unknown][] = Object.entries(fieldsOf(person, scopes))
    return json(Object.fromEntries(known.filter(([name]) => name === 'id' || names.has(name))))
  }

  /** Tells an application about a token; only about its own. */
  const debug = (question: Question): Answer => {
    const { query } = question
    const [id = '', secret = ''] = (bearerOf(question) ?? query.get('access_token') ?? '').split(
      '|',
    )
    if (!areCredentials([id, secret])) return refuse('Invalid OAuth access token signature.', 190)
    const holder = grants.holder(query.get('input_token'))
    if (holder === undefined)
      return json({
        data: {
          error: { code: 190, message: 'The access token could not be decrypted' },
          is_valid: false,
          scopes: [],
        },
      })
    if (holder.clientId !== id)
      return refuse('(#100) The App_id in the input_token did not match the Viewing App', 100)
    const now = Math.floor(Date.now() / 1000)
    return json({
      data: {
        app_id: id,
        type: 'USER',
        application: 'App',
        data_access_expires_at: now + 7_776_000,
        expires_at: now + 5_183_944,
        is_valid: true,
        issued_at: now,
        scopes: [...holder.scopes],
        user_id: holder.person.subject,
      },
    })
  }

  return {
    name: 'facebook',
    idTokens,
    accessToken: (person, clientId) => grants.issue({ person, clientId, scopes: allScopes }),
    answer: async (question) => {
      const { path } = question
      if (paths.dialog.test(path)) return grants.authorize(question)
      if (paths.token.test(path)) return token(question)
      if (paths.me.test(path)) return me(question)
      if (paths.debug.test(path)) return debug(question)
      if (paths.discovery.test(path)) return json(discovery)
      return paths.keys.test(path) ? json(await idTokens.published()) : undefined
    },
  }
}

const allScopes: ReadonlySet<string> = new Set(['openid', 'public_profile', 'email'])

const asOpenId = (scopes: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...scopes, 'profile'])

const discovery = {
  issuer,
  authorization_endpoint: 'https://facebook.com/dialog/oauth/',
  jwks_uri: `${issuer}/.well-known/oauth/openid/jwks/`,
  response_types_supported: ['id_token', 'token id_token'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
}

const fieldsOf = (person: StandInPerson, scopes: ReadonlySet<string>) => ({
  id: person.subject,
  name: nameOf(person),
  first_name: person.firstName,
  last_name: person.lastName,
  // an address that was not confirmed is not told
  ...(scopes.has('email') && person.email && person.emailVerified && { email: person.email }),
  picture: {
    data: {
      ...{ height: 50, width: 50, is_silhouette: person.picture === null },
      url: person.picture ?? 'https://scontent.xx.fbcdn.net/silhouette.jpg',
    },
  },
})

const refuse = (message: string, code: number): Answer =>
  json({ error: { message, type: 'OAuthException', code, fbtrace_id: 'AStandIn' } }, 400)

const refusals: Readonly<Record<Refusal, [message: string, code: number]>> = {
  request: ['Missing required parameter: code', 101],
  client: ['Error validating client secret.', 1],
  code: ['This authorization code has been used.', 100],
  redirect_uri: [
    'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
    100,
  ],
  verifier: ['Invalid code_verifier.', 100],
}

/** Asked by GET or by POST, and without a grant type. */
const asForm = (question: Question): Question => {
  const form = new URLSearchParams([...question.query, ...question.form])
  if (!form.has('grant_type')) form.set('grant_type', 'authorization_code')
  return { ...question, form }
}
