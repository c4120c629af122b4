import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'oauth4webapi'
import type { Clock } from '../../lib/clock.js'
import type { Provider, ProviderClient } from './providers/provider.js'

/** How we prove to a provider who we are (RFC 6749 §2.3.1): by a secret that it gave to us, or one made of a key of ours. */
export const clientAuthentication = (
  { clientAuthentication: manner, makeSecret }: Provider,
  client: ProviderClient,
  clock: Clock,
): ClientAuth => {
  const secret = makeSecret ? makeSecret(client.id, clock()) : client.secret
  return manner === 'basic' ? ClientSecretBasic(secret) : ClientSecretPost(secret)
}
