import { openid } from './openid.js'
import type { Provider } from './provider.js'

/** LinkedIn: https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2 */
export const linkedin: Provider = {
  ...openid({ name: 'linkedin', title: 'LinkedIn', issuer: 'https://www.linkedin.com/oauth' }),
  // refuses codes with a verifier, and repeats no nonce: what is left is the state, the secret and that codes work once.
  // So an app cannot send an ID token of LinkedIn: nothing would say for which sign-in it was made
  lacks: ['pkce', 'nonce'],
}
