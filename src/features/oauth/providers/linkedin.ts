import { z } from 'zod'
import { openid } from './openid.js'
import type { Provider } from './provider.js'

/** LinkedIn: https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2 */
const introspected = z.object({ active: z.boolean(), client_id: z.string().optional() })

export const linkedin: Provider = {
  ...openid({ name: 'linkedin', title: 'LinkedIn', issuer: 'https://www.linkedin.com/oauth' }),
  // refuses codes with a verifier, and repeats no nonce: what is left is the state, the secret and that codes work once.
  // So an app cannot send an ID token of LinkedIn: nothing would say for which sign-in it was made
  lacks: ['pkce', 'nonce'],
  confirm: async (ask, accessToken, { id, secret }) => {
    const body = new URLSearchParams({ client_id: id, client_secret: secret, token: accessToken })
    const answer = await ask('https://www.linkedin.com/oauth/v2/introspectToken', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
    const { active, client_id } = introspected.parse(answer)
    return active && client_id === id
  },
}
