import * as openid from 'openid-client'
import { AuthError } from '../../errors.js'
import { type Clock, epochSeconds } from '../../lib/clock.js'
import { hasTokenShape } from '../tokens/compact-token.js'
import { clientAuthentication } from './client-authentication.js'
import type { Driver, Redeemed, Redemption } from './driver.js'
import { audienceOf, refuseFlaws, toleranceSeconds } from './id-token.js'
import { isLocalHttp } from './local-http.js'
import { createOpenIdDiscovery, type Discovered } from './openid-discovery.js'
import { createOpenIdKeys, type KeySet } from './openid-keys.js'
import type { ProviderFetch } from './provider-calls.js'
import { refusalOf } from './provider-refusals.js'
import type { Provider, ProviderClient } from './providers/provider.js'

/** OpenID Connect by openid-client: discovery, code with PKCE, ID tokens whose signature is always checked. */
type Deps = {
  provider: Provider
  client: ProviderClient
  appClientIds: readonly string[]
  clock: Clock
}

/** The library, for the calls of one sign-in, with the keys that it has been given. */
type Session = { configuration: openid.Configuration; keys: KeySet }

export const createOpenIdDriver = ({ provider, client, appClientIds, clock }: Deps): Driver => {
  const discover = createOpenIdDiscovery({ server: provider.server, clock })
  const keys = createOpenIdKeys({ clock })
  const clientIds = [client.id, ...appClientIds]
  const has = (protection: 'nonce' | 'pkce'): boolean => !provider.lacks?.includes(protection)

  const configure = async (
    found: Discovered,
    fetch: openid.CustomFetch,
    clientId = client.id,
  ): Promise<openid.Configuration> => {
    const configuration = await openid.discovery(
      new URL(provider.server.issuer),
      clientId,
      {
        [openid.clockTolerance]: toleranceSeconds,
        [openid.clockSkew]: epochSeconds(clock()) - epochSeconds(new Date()),
      },
      clientAuthentication(provider, client, clock),
      {
        // the library makes of the document what it needs; it was fetched and looked at before
        [openid.customFetch]: async () => Response.json(found),
        ...(isLocalHttp(provider.server.issuer) && { execute: [openid.allowInsecureRequests] }),
      },
    )
    configuration[openid.customFetch] = fetch
    return configuration
  }

  /** With the keys that are at hand, and once more with newer ones when none of them is the right one. */
  const withKeys = async <Result>(
    fetch: ProviderFetch,
    work: (session: Session) => Promise<Result>,
    clientId?: string,
  ): Promise<Result> => {
    const found = await discover(fetch)
    const attempt = async (set: KeySet): Promise<Result> => {
      const answers = keysFrom(set, found.jwks_uri, fetch)
      return work({ configuration: await configure(found, answers, clientId), keys: set })
    }
    const set = await keys.current(found.jwks_uri, fetch)
    return attempt(set).catch(async (error: unknown) => {
      const newer = isKeyUnknown(error) && (await keys.newer(set, found.jwks_uri, fetch))
      if (newer) return attempt(newer)
      throw error
    })
  }

  const redeem = async (redemption: Redemption, fetch: ProviderFetch): Promise<Redeemed> => {
    const { code, codeVerifier, redirectUri, nonce, issuer } = redemption
    const answer = new URL(redirectUri)
    answer.search = ''
    answer.searchParams.set('code', code)
    if (issuer !== undefined) answer.searchParams.set('iss', issuer)
    return withKeys(onePost(fetch), async (session) => {
      openid.enableNonRepudiationChecks(session.configuration)
      const tokens = await openid.authorizationCodeGrant(session.configuration, answer, {
        idTokenExpected: true,
        ...(has('pkce') && { pkceCodeVerifier: codeVerifier }),
        ...(has('nonce') && nonce !== undefined && { expectedNonce: nonce }),
      })
      const claims = tokens.claims()
      refuseFlaws({ idToken: tokens.id_token, claims, clientIds, keys: session.keys, now: clock() })
      return {
        claims,
        tokens: {
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token ?? null,
          expiresInSeconds: tokens.expires_in ?? null,
          scope: tokens.scope ?? null,
        },
      }
    })
  }

  const verifyIdToken = async (
    idToken: string,
    nonce: string,
    fetch: ProviderFetch,
  ): Promise<object> => {
    if (!hasTokenShape(idToken)) throw new AuthError('provider_token_rejected', { provider })
    const audience = audienceOf(idToken)
    const clientId = clientIds.find((id) => audience.includes(id)) ?? client.id
    const verified = async ({ configuration, keys: used }: Session): Promise<object> => {
      openid.useIdTokenResponseType(configuration)
      const claims = await openid.implicitAuthentication(
        configuration,
        new URL(`https://localhost/#${new URLSearchParams({ id_token: idToken })}`),
        nonce,
      )
      refuseFlaws({ idToken, claims, clientIds, keys: used, now: clock(), isFresh: true })
      return claims
    }
    return withKeys(fetch, verified, clientId)
  }

  const userInfo = async (
    accessToken: string,
    subject: string | undefined,
    fetch: ProviderFetch,
  ): Promise<object | undefined> =>
    withKeys(fetch, async ({ configuration }) => {
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return undefined
      openid.enableNonRepudiationChecks(configuration)
      return openid.fetchUserInfo(configuration, accessToken, subject ?? openid.skipSubjectCheck)
    })

  const told = refusalOf(provider)
  return {
    authorizationUrl: async ({ redirectUri, state, nonce, codeVerifier }, fetch) => {
      const found = await discover(fetch).catch(told)
      return openid.buildAuthorizationUrl(await configure(found, plain(fetch)), {
        ...provider.parameters,
        ...(provider.responseMode && { response_mode: provider.responseMode }),
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        state,
        ...(has('nonce') && { nonce }),
        ...(has('pkce') && {
          code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        }),
      })
    },
    redeem: (redemption, fetch) => redeem(redemption, fetch).catch(told),
    // without a nonce nothing says for which sign-in it was made (OpenID Connect Core 1.0 §15.5.2)
    ...(has('nonce') && {
      verifyIdToken: (idToken: string, nonce: string, fetch: ProviderFetch) =>
        verifyIdToken(idToken, nonce, fetch).catch(told),
    }),
    userInfo: (accessToken, subject, fetch) => userInfo(accessToken, subject, fetch).catch(told),
  }
}

const isKeyUnknown = (error: unknown): boolean =>
  error instanceof openid.ClientError && error.code === 'OAUTH_KEY_SELECTION_FAILED'

const plain =
  (fetch: ProviderFetch): openid.CustomFetch =>
  (url, { method, headers, body }) =>
    fetch(url, { method, headers, ...(body !== null && body !== undefined && { body }) })

/** Keys are asked for by us, who look at them; the library is given what is left of them. */
const keysFrom =
  (set: KeySet, address: string, fetch: ProviderFetch): openid.CustomFetch =>
  async (url, options) =>
    url === new URL(address).href ? Response.json(set) : plain(fetch)(url, options)

/** A code works once: a second look at its answer, with other keys, does not send it again. */
const onePost = (fetch: ProviderFetch): ProviderFetch => {
  let answer: Promise<Response> | undefined
  return async (url, init) => {
    if (init.method !== 'POST') return fetch(url, init)
    answer ??= fetch(url, init)
    return (await answer).clone()
  }
}
