import { createHash } from 'node:crypto'
import { createGrants, type Granted, type Refusal } from './grants.js'
import { type Answer, bearerOf, credentialsOf, json, type Look, type Question } from './look.js'
import { areCredentials, type LookDeps } from './openid-look.js'
import { nameOf, numberOf, type StandInPerson } from './people.js'

/**
 * GitHub: https://docs.github.com/apps/oauth-apps. No OpenID Connect; the token endpoint answers with a form unless JSON is
 * accepted, and with status 200 also where it refuses; the API wants a User-Agent.
 */
const site = '/github.com/login/oauth'
const api = '/api.github.com'

export const githubStandIn = ({ people }: Pick<LookDeps, 'people'>): Look => {
  const grants = createGrants({
    people,
    title: 'GitHub',
    tokenPrefix: 'gho_',
    scopes: (text) => text.split(/[ ,]+/).filter((scope) => scope !== ''),
    cancelled: { error_description: 'The user has denied your application access.' },
    besides: { iss: 'https://github.com/login/oauth' },
  })

  const token = async (question: Question): Promise<Answer> => {
    const redeemed = await grants.redeem(withGrantType(question))
    const answer =
      redeemed.refused === undefined
        ? {
            access_token: redeemed.accessToken,
            token_type: 'bearer',
            scope: [...redeemed.granted.scopes].join(','),
          }
        : refusals[redeemed.refused]
    if (question.headers.accept?.includes('application/json')) return json(answer)
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams(answer).toString(),
    }
  }

  const ask = (question: Question): Answer | undefined => {
    if (!question.headers['user-agent'])
      return { ...json({}, 403), body: 'Request forbidden by administrative rules.' }
    const checked = /^\/applications\/([^/]+)\/token$/.exec(question.path.slice(api.length))?.[1]
    if (checked !== undefined) return check(question, decodeURIComponent(checked))
    const holder = grants.holder(bearerOf(question))
    if (holder === undefined) return json({ message: 'Bad credentials', status: '401' }, 401)
    if (question.path === `${api}/user`) return json(userOf(holder.person))
    if (question.path === `${api}/user/emails`) return emails(holder)
    return undefined
  }

  /** Tells an application whether a token is one of its own (POST /applications/{client_id}/token). */
  const check = (question: Question, clientId: string): Answer => {
    const [id, secret] = credentialsOf(question)
    if (!question.headers.authorization || !areCredentials([id, secret]))
      return json({ message: 'Bad credentials', status: '401' }, 401)
    const text = accessTokenIn(question.body)
    if (text === undefined) return json({ message: 'Validation Failed', status: '422' }, 422)
    const holder = grants.holder(text)
    if (question.method !== 'POST' || id !== clientId || holder?.clientId !== clientId)
      return missing
    return json({
      id: 1,
      url: 'https://api.github.com/authorizations/1',
      app: { client_id: clientId, name: 'App', url: 'https://example.com' },
      token: text,
      hashed_token: createHash('sha256').update(text).digest('hex'),
      token_last_eight: text.slice(-8),
      ...{ note: null, note_url: null, fingerprint: null, expires_at: null },
      created_at: '2024-01-01T00:00:00Z',
      updated_at: '2024-01-01T00:00:00Z',
      scopes: [...holder.scopes],
      user: briefly(holder.person),
    })
  }

  return {
    name: 'github',
    accessToken: (person, clientId) => grants.issue({ person, clientId, scopes: allScopes }),
    answer: (question) => {
      if (question.path === `${site}/authorize`) return grants.authorize(withScope(question))
      if (question.path === `${site}/access_token`) return token(question)
      return question.path.startsWith(`${api}/`) ? ask(question) : undefined
    },
  }
}

const allScopes: ReadonlySet<string> = new Set(['read:user', 'user:email'])

const missing = json({ message: 'Not Found', status: '404' }, 404)

const refusals: Readonly<Record<Refusal, Record<string, string>>> = {
  request: { error: 'unsupported_grant_type' },
  client: {
    error: 'incorrect_client_credentials',
    error_description: 'The client_id and/or client_secret passed are incorrect.',
  },
  code: {
    error: 'bad_verification_code',
    error_description: 'The code passed is incorrect or expired.',
  },
  redirect_uri: {
    error: 'redirect_uri_mismatch',
    error_description: 'The redirect_uri MUST match the registered callback URL.',
  },
  verifier: {
    error: 'bad_verification_code',
    error_description: 'The code_verifier does not match the code_challenge.',
  },
}

const loginOf = ({ firstName }: StandInPerson): string =>
  firstName.toLowerCase().replace(/[^a-z0-9]/g, '') || 'somebody'

const briefly = (person: StandInPerson) => ({
  login: loginOf(person),
  id: numberOf(person),
  node_id: Buffer.from(`04:User${numberOf(person)}`).toString('base64'),
  avatar_url: person.picture ?? `https://avatars.githubusercontent.com/u/${numberOf(person)}?v=4`,
  gravatar_id: '',
  url: `https://api.github.com/users/${loginOf(person)}`,
  html_url: `https://github.com/${loginOf(person)}`,
  type: 'User',
  site_admin: false,
})

/** Nobody here shows an address in public: `email` is null, and the addresses are to be asked for. */
const userOf = (person: StandInPerson) => ({
  ...briefly(person),
  name: nameOf(person),
  ...{ company: null, blog: '', location: null, email: null, hireable: null, bio: null },
  created_at: '2008-01-14T04:33:35Z',
  updated_at: '2024-01-01T00:00:00Z',
})

const emails = ({ person, scopes }: Granted): Answer => {
  if (!scopes.has('user:email') && !scopes.has('user')) return missing
  const hidden = `${numberOf(person)}+${loginOf(person)}@users.noreply.github.com`
  const { email, emailVerified: verified } = person
  return json([
    ...(email === null ? [] : [{ email, primary: true, verified, visibility: 'private' }]),
    { email: hidden, primary: false, verified: true, visibility: null },
  ])
}

const accessTokenIn = (body: string): string | undefined => {
  try {
    const { access_token: token } = JSON.parse(body)
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

/** GitHub asks for no grant type, and for no scope. */
const withGrantType = (question: Question): Question => {
  const form = new URLSearchParams(question.form)
  if (!form.has('grant_type')) form.set('grant_type', 'authorization_code')
  return { ...question, form }
}

const withScope = (question: Question): Question => {
  const query = new URLSearchParams(question.query)
  if (!query.has('scope')) query.set('scope', 'none')
  return { ...question, query }
}
