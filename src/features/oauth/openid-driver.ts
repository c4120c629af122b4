import * as openid from 'openid-client'
import { AuthError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { hasTokenShape } from '../tokens/compact-token.js'
import type { Driver, Redeemed, Redemption } from './driver.js'
import type { ProviderFetch } from './provider-calls.js'
import { outOfService, refusalOf } from './provider-refusals.js'
import type { Provider, ProviderClient } from './providers/provider.js'

/** OpenID Connect by openid-client: discovery, code with PKCE, ID tokens whose signature is always checked. */
type Deps = { provider: Provider; client: ProviderClient; clock: Clock }

/** Signatures by keys of theirs; never one by a secret that both sides know (RFC 8725 §3.1). */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const rediscoverAfter = 3_600_000
const toleranceSeconds = 10
const idTokenMaxAgeSeconds = 600

type Discovered = { metadata: openid.ServerMetadata; at: number }

export const createOpenIdDriver = ({ provider, client, clock }: Deps): Driver => {
  let discovered: Discovered | undefined
  let keys: openid.ExportedJWKSCache | undefined

  const clientMetadata = (): Partial<openid.ClientMetadata> => ({
    client_secret: client.secret,
    [openid.clockTolerance]: toleranceSeconds,
    [openid.clockSkew]: Math.round((clock().getTime() - Date.now()) / 1000),
  })
  const authentication =
    provider.clientAuthentication === 'basic'
      ? openid.ClientSecretBasic(client.secret)
      : openid.ClientSecretPost(client.secret)

  const discover = async (fetch: ProviderFetch): Promise<openid.ServerMetadata> => {
    if (discovered && Date.now() - discovered.at < rediscoverAfter) return discovered.metadata
    const found = await openid
      .discovery(new URL(provider.server.issuer), client.id, clientMetadata(), authentication, {
        [openid.customFetch]: fetchOf(fetch),
        ...(isLocal(provider) && { execute: [openid.allowInsecureRequests] }),
      })
      .catch(outOfService(provider))
    const { supportsPKCE: _asked, ...said } = found.serverMetadata()
    const metadata = { ...said, ...provider.server }
    const supported = metadata.id_token_signing_alg_values_supported ?? ['RS256']
    metadata.id_token_signing_alg_values_supported = supported.filter((name) =>
      algorithms.includes(name),
    )
    discovered = { metadata, at: Date.now() }
    return metadata
  }

  /** The certified library, for the calls of one sign-in. */
  const configure = async (fetch: ProviderFetch): Promise<openid.Configuration> => {
    const metadata = await discover(fetch)
    const configuration = new openid.Configuration(
      metadata,
      client.id,
      clientMetadata(),
      authentication,
    )
    configuration[openid.customFetch] = fetchOf(fetch)
    if (isLocal(provider)) openid.allowInsecureRequests(configuration)
    if (keys) openid.setJwksCache(configuration, keys)
    return configuration
  }

  /** With keys that are at hand, and once more with fresh ones when none of them is the right one. */
  const withKeys = async <Result>(
    fetch: ProviderFetch,
    work: (configuration: openid.Configuration) => Promise<Result>,
  ): Promise<Result> => {
    const configuration = await configure(fetch)
    try {
      return await work(configuration)
    } finally {
      keys = openid.getJwksCache(configuration) ?? keys
    }
  }

  const redeem = async (
    { code, codeVerifier, redirectUri, nonce, issuer }: Redemption,
    fetch: ProviderFetch,
  ): Promise<Redeemed> => {
    const answer = new URL(redirectUri)
    answer.searchParams.set('code', code)
    if (issuer !== undefined) answer.searchParams.set('iss', issuer)
    const tokens = await withKeys(fetch, (configuration) => {
      openid.enableNonRepudiationChecks(configuration)
      return openid.authorizationCodeGrant(configuration, answer, {
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
        ...(nonce !== undefined && { expectedNonce: nonce }),
      })
    }).catch(refusalOf(provider))
    const claims = tokens.claims()
    // we asked for it, so it was made for us: the library looks only where there are several audiences
    if (claims?.azp !== undefined && claims.azp !== client.id)
      throw new AuthError('provider_token_rejected', { provider })
    return {
      claims,
      tokens: {
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token ?? null,
        expiresInSeconds: tokens.expires_in ?? null,
        scope: tokens.scope ?? null,
      },
    }
  }

  const verifyIdToken = async (
    idToken: string,
    nonce: string,
    fetch: ProviderFetch,
  ): Promise<object> => {
    if (!hasTokenShape(idToken)) throw new AuthError('provider_token_rejected', { provider })
    const claims = await withKeys(fetch, (configuration) => {
      openid.useIdTokenResponseType(configuration)
      return openid.implicitAuthentication(
        configuration,
        new URL(`https://localhost/#${new URLSearchParams({ id_token: idToken })}`),
        nonce,
      )
    }).catch(refusalOf(provider))
    if (claims.iat * 1000 < clock().getTime() - (idTokenMaxAgeSeconds + toleranceSeconds) * 1000)
      throw new AuthError('provider_token_rejected', { provider })
    return claims
  }

  return {
    authorizationUrl: async ({ redirectUri, state, nonce, codeVerifier }, fetch) => {
      const configuration = await configure(fetch)
      return openid.buildAuthorizationUrl(configuration, {
        ...provider.parameters,
        ...(provider.responseMode && { response_mode: provider.responseMode }),
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },
    redeem,
    verifyIdToken,
  }
}

/** On this machine, for trying things out, plain http will do. */
const isLocal = ({ server }: Provider): boolean =>
  /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/.test(server.issuer)

const fetchOf =
  (fetch: ProviderFetch): openid.CustomFetch =>
  (url, { method, headers, body, signal: _own }) =>
    fetch(url, { method, headers, ...(body !== null && body !== undefined && { body }) })
