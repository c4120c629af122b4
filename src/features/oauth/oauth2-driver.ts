import * as oauth from 'oauth4webapi'
import { AuthError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { clientAuthentication } from './client-authentication.js'
import type { Driver, Redeemed, Redemption, Start } from './driver.js'
import { isLocalHttp } from './local-http.js'
import type { ProviderFetch } from './provider-calls.js'
import { isTooMuch, refusalOf } from './provider-refusals.js'
import type { Provider, ProviderClient } from './providers/provider.js'

/** Plain OAuth 2 by oauth4webapi: code with PKCE; who somebody is has to be asked for with the access token. */
type Deps = { provider: Provider; client: ProviderClient; clock: Clock }

export const createOAuth2Driver = ({ provider, client, clock }: Deps): Driver => {
  const { signedIssuer: _openid, ...server } = provider.server
  const us: oauth.Client = { client_id: client.id }
  const hasPkce = !provider.lacks?.includes('pkce')

  const authorizationUrl = async ({ redirectUri, state, codeVerifier }: Start): Promise<URL> => {
    const url = new URL(server.authorization_endpoint ?? server.issuer)
    const parameters = {
      ...provider.parameters,
      response_type: 'code',
      client_id: client.id,
      redirect_uri: redirectUri,
      scope: provider.scopes.join(' '),
      state,
      ...(hasPkce && {
        code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }),
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }

  const redeem = async (redemption: Redemption, fetch: ProviderFetch): Promise<Redeemed> => {
    const { code, codeVerifier, redirectUri, issuer } = redemption
    const said = new URLSearchParams({ code, ...(issuer !== undefined && { iss: issuer }) })
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      us,
      clientAuthentication(provider, client, clock),
      oauth.validateAuthResponse(server, us, said, oauth.expectNoState),
      redirectUri,
      hasPkce ? codeVerifier : oauth.nopkce,
      {
        [oauth.customFetch]: (url, { method, headers, body }) =>
          fetch(url, { method, headers, body }),
        [oauth.allowInsecureRequests]: isLocalHttp(server.issuer),
      },
    )
    if (await isRefused(response)) throw new AuthError('provider_token_rejected', { provider })
    const tokens = await oauth.processAuthorizationCodeResponse(server, us, response)
    return {
      claims: undefined,
      tokens: {
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token ?? null,
        expiresInSeconds: tokens.expires_in ?? null,
        scope: tokens.scope ?? null,
      },
    }
  }

  return {
    authorizationUrl,
    redeem: (redemption, fetch) => redeem(redemption, fetch).catch(refusalOf(provider)),
  }
}

/** Not all of them do it as RFC 6749 §5.2 has it: Facebook's error is an object, and GitHub's status is 200. */
const isRefused = async (response: Response): Promise<boolean> => {
  if (response.status >= 400) return !isTooMuch(response.status)
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return typeof body === 'object' && body !== null && 'error' in body
}
