import { AuthError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { parseJson } from '../../lib/json.js'
import type { Driver, ProviderTokens, Redemption, Start } from './driver.js'
import { createOpenIdDriver } from './openid-driver.js'
import type { ProviderCalls, ProviderFetch } from './provider-calls.js'
import { refusalOf } from './provider-refusals.js'
import type { Ask, Person, Provider, ProviderClient } from './providers/provider.js'

/** The providers that are set up, and what each of them says of somebody. */
export type ProviderSetup = { provider: Provider; client: ProviderClient }

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
  { provider, client }: ProviderSetup,
  calls: ProviderCalls,
  clock: Clock,
): ConfiguredProvider => {
  const driver: Driver = createOpenIdDriver({ provider, client, clock })
  const { name, title, person, fetchClaims, confirm } = provider
  const unsupported = () => new AuthError('unsupported_proof', { provider })

  const personOf = (claims: unknown): Person => {
    const result = person.safeParse(claims)
    if (result.success) return result.data
    const places = result.error.issues.map(({ path }) => path.join('.')).join(', ')
    throw new AuthError('provider_unavailable', {
      provider,
      cause: new Error(`what it says of somebody cannot be read: ${places}`),
    })
  }

  /** What the ID token says; what it leaves out is asked for. */
  const wholeClaims = async (
    claims: object | undefined,
    accessToken: string,
    fetch: ProviderFetch,
  ): Promise<unknown> => {
    if (fetchClaims === undefined || (claims && 'email' in claims)) return claims
    const asked = await fetchClaims(askBy(fetch, provider), accessToken).catch(refusalOf(provider))
    if (claims === undefined) return asked
    // of the same person, else it says nothing (OpenID Connect Core 1.0 §5.3.2)
    if (!isSamePerson(claims, asked)) throw new AuthError('provider_token_rejected', { provider })
    return { ...asked, ...claims }
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
      const ask = askBy(calls.within(provider), provider)
      if (!(await confirm(ask, accessToken, client).catch(refusalOf(provider))))
        throw new AuthError('provider_token_rejected', { provider })
      const claims = await fetchClaims(ask, accessToken).catch(refusalOf(provider))
      return { person: personOf(claims), tokens: null }
    },
  }
}

const isSamePerson = (claims: object, asked: unknown): asked is object =>
  typeof asked === 'object' &&
  asked !== null &&
  'sub' in claims &&
  'sub' in asked &&
  asked.sub === claims.sub

const askBy =
  (fetch: ProviderFetch, provider: Provider): Ask =>
  async (url, { method = 'GET', headers = {}, body } = {}) => {
    const response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      ...(body !== undefined && { body }),
    })
    if (response.status >= 400) throw new AuthError('provider_token_rejected', { provider })
    try {
      return parseJson(Buffer.from(await response.arrayBuffer()))
    } catch (cause) {
      throw new AuthError('provider_unavailable', { provider, cause })
    }
  }
