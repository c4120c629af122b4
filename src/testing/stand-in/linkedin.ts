import { credentialsOf, json, type Look } from './look.js'
import { areCredentials, createOpenIdLook, type LookDeps, standardClaims } from './openid-look.js'

/**
 * LinkedIn: https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2. Its ID tokens
 * repeat no nonce, and a code verifier makes the client unknown to it.
 */
const issuer = 'https://www.linkedin.com/oauth'

export const linkedinStandIn = (deps: LookDeps): Look =>
  createOpenIdLook(deps, {
    name: 'linkedin',
    title: 'LinkedIn',
    issuer,
    endpoints: {
      authorization: `${issuer}/v2/authorization`,
      token: `${issuer}/v2/accessToken`,
      userinfo: 'https://api.linkedin.com/v2/userinfo',
      keys: `${issuer}/openid/jwks`,
    },
    document: { subject_types_supported: ['pairwise'] },
    knowsPkce: 'never',
    cancelled: {
      error: 'user_cancelled_login',
      error_description: 'The user cancelled LinkedIn login',
    },
    repeatsNonce: false,
    claims: (person, scopes) => ({
      ...standardClaims(person, scopes),
      ...(scopes.has('profile') && { locale: { country: 'US', language: 'en' } }),
    }),
    tokenMembers: (scopes) => ({ expires_in: 5_184_000, scope: [...scopes].join(',') }),
    answer: (question, { grants }) => {
      if (question.path !== '/www.linkedin.com/oauth/v2/introspectToken') return undefined
      const [clientId, secret] = credentialsOf(question)
      if (!areCredentials([clientId, secret])) return json({ error: 'invalid_client' }, 401)
      const holder = grants.holder(question.form.get('token'))
      // of other clients it says nothing
      if (holder?.clientId !== clientId) return json({ active: false })
      const now = Math.floor(Date.now() / 1000)
      return json({
        ...{ active: true, client_id: clientId, status: 'active', auth_type: '3L' },
        ...{ authorized_at: now, created_at: now, expires_at: now + 5_184_000 },
        scope: [...holder.scopes].join(','),
      })
    },
  })
