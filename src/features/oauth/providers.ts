import { AuthError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { parseJson } from '../../lib/json.js'
import type { Driver, ProviderTokens, Redeemed, Redemption, Start } from './driver.js'
import { createOAuth2Driver } from './oauth2-driver.js'
import { createOpenIdDriver } from './openid-driver.js'
import type { ProviderCalls, ProviderFetch } from './provider-calls.js'
import { isTooMuch, refusalOf } from './provider-refusals.js'
import { nameOf, pictureOf } from './providers/claims.js'
import type { Ask, Person, Provider, ProviderClient } from './providers/provider.js'

/** The providers that are set up, and what each of them says of somebody. */
export type ProviderSetup = {
  provider: Provider
  client: ProviderClient
  /** Of apps of the operator, whose ID tokens are taken as well. */
  appClientIds: readonly string[]
}

/** What can prove who somebody is (RFC 6749 §1.3, OpenID Connect Core 1.0 §2). */
export type ProofKind = 'code' | 'id_token' | 'access_token'

export type Proof = {
  person: Person
  tokens: ProviderTokens | null
}

export type ConfiguredProvider = Pick<Provider, 'name' | 'title' | 'responseMode'> & {
  accepts: readonly ProofKind[]
  /** @throws AuthError `provider_unavailable` */
  authorizationUrl(start: Start): Promise<URL>
  /** @throws AuthError `provider_unavailable`, `provider_token_rejected` */
  byCode(code: Redemption): Promise<Proof>
  /** @throws AuthError `provider_unavailable`, `provider_token_rejected`, `unsupported_proof` */
  byIdToken(idToken: string, nonce: string): Promise<Proof>
  /** @throws AuthError `provider_unavailable`, `provider_token_rejected`, `unsupported_proof` */
  byAccessToken(accessToken: string): Promise<Proof>
}

type Deps = { setups: readonly ProviderSetup[]; calls: ProviderCalls; clock: Clock }

export const createProviders = ({ setups, calls, clock }: Deps) => {
  const configured = new Map(
    setups.map((setup) => [setup.provider.name, configure(setup, calls, clock)]),
  )
  return {
    list: (): ConfiguredProvider[] => [...configured.values()],
    names: [...configured.keys()],
    /** @throws AuthError `unsupported_provider` */
    require: (name: string): ConfiguredProvider => {
      const provider = configured.get(name)
      if (provider === undefined) throw new AuthError('unsupported_provider')
      return provider
    },
  }
}
export type Providers = ReturnType<typeof createProviders>

const configure = (
  { provider, client, appClientIds }: ProviderSetup,
  calls: ProviderCalls,
  clock: Clock,
): ConfiguredProvider => {
  const driver: Driver =
    provider.protocol === 'openid'
      ? createOpenIdDriver({ provider, client, appClientIds, clock })
      : createOAuth2Driver({ provider, client, clock })
  const { name, title, person, fetchClaims, confirm } = provider
  const unsupported = () => new AuthError('unsupported_proof', { provider })

  const personOf = (claims: unknown): Person => {
    const result = person.safeParse(claims)
    if (result.success) return cleaned(result.data)
    const places = result.error.issues.map(({ path }) => path.join('.')).join(', ')
    throw new AuthError('provider_unavailable', {
      provider,
      cause: new Error(`what it says of somebody cannot be read: ${places}`),
    })
  }

  const asked = async (
    accessToken: string,
    subject: string | undefined,
    fetch: ProviderFetch,
  ): Promise<unknown> => {
    if (typeof fetchClaims === 'function')
      return fetchClaims(askBy(fetch, provider), accessToken, client).catch(refusalOf(provider))
    return driver.userInfo?.(accessToken, subject, fetch)
  }

  /** What the ID token says; what it leaves out is asked for, and all of that said of the same somebody. */
  const wholeClaims = async (
    claims: Redeemed['claims'],
    accessToken: string,
    fetch: ProviderFetch,
  ): Promise<unknown> => {
    if (fetchClaims === undefined || (claims && 'email' in claims)) return claims
    const said = await asked(accessToken, claims?.sub, fetch)
    if (claims === undefined) return said
    if (typeof said !== 'object' || said === null) return claims
    if (!('sub' in said) || said.sub !== claims.sub)
      throw new AuthError('provider_token_rejected', { provider })
    return { ...claims, ...said }
  }

  return {
    name,
    title,
    ...(provider.responseMode && { responseMode: provider.responseMode }),
    accepts: [
      'code',
      ...(driver.verifyIdToken ? (['id_token'] as const) : []),
      ...(confirm ? (['access_token'] as const) : []),
    ],
    authorizationUrl: async (start) => {
      const url = await driver.authorizationUrl(start, calls.within(provider))
      return new URL(calls.standIn(url.href))
    },
    byCode: async (code) => {
      const fetch = calls.within(provider)
      const { tokens, claims } = await driver.redeem(code, fetch)
      return { person: personOf(await wholeClaims(claims, tokens.accessToken, fetch)), tokens }
    },
    byIdToken: async (idToken, nonce) => {
      if (driver.verifyIdToken === undefined) throw unsupported()
      const claims = await driver.verifyIdToken(idToken, nonce, calls.within(provider))
      return { person: personOf(claims), tokens: null }
    },
    byAccessToken: async (accessToken) => {
      if (confirm === undefined || fetchClaims === undefined) throw unsupported()
      const fetch = calls.within(provider)
      const ask = askBy(fetch, provider)
      if (!(await confirm(ask, accessToken, client).catch(refusalOf(provider))))
        throw new AuthError('provider_token_rejected', { provider })
      return { person: personOf(await asked(accessToken, undefined, fetch)), tokens: null }
    },
  }
}

/** Whoever wrote the entry: names are names here, and pictures are pictures. */
const cleaned = (person: Person): Person => ({
  ...person,
  firstName: nameOf(person.firstName),
  lastName: nameOf(person.lastName),
  picture: pictureOf(person.picture),
})

const askBy =
  (fetch: ProviderFetch, provider: Provider): Ask =>
  async (url, { method = 'GET', headers = {}, body } = {}) => {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
    })
    if (isTooMuch(response.status))
      throw new AuthError('provider_unavailable', { provider, cause: new Error('too many calls') })
    if (response.status >= 400) throw new AuthError('provider_token_rejected', { provider })
    try {
      return parseJson(Buffer.from(await response.arrayBuffer()))
    } catch (cause) {
      throw new AuthError('provider_unavailable', { provider, cause })
    }
  }
