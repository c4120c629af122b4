import { AuthError, type ErrorCode } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import type { Log } from '../../lib/log.js'
import type { Store } from '../../stores/store.js'
import type { Grant } from '../sessions/grant.js'
import type { ExchangeCodes } from './exchange-codes.js'
import type { Flow, Flows } from './flow.js'
import type { Identities } from './identities.js'
import type { ProviderLogin } from './provider-login.js'
import type { ConfiguredProvider, Providers } from './providers.js'

/** The redirect flow: browsers go to the provider and come back with a code (RFC 6749 §4.1, RFC 9700 §2.1). */
type Deps = {
  store: Pick<Store, 'spent'>
  providers: Providers
  flows: Flows
  login: ProviderLogin
  identities: Identities
  exchangeCodes: ExchangeCodes
  log: Log
  settings: { baseUrl: string; returnUrls: readonly string[] }
}

export type Wish = {
  returnTo?: string | undefined
  codeChallenge?: string | undefined
  claim?: true | undefined
  link?: Flow['link']
}

/** Where a browser goes next, and what it takes with it. */
export type Onward = {
  location: string
  /** Binds the flow to this browser, for so many seconds; '' takes the cookie away. */
  browser?: { value: string; lastsSeconds: number }
  /** As a cookie. */
  grant?: Grant
}

/** What providers send back, as far as it matters (RFC 6749 §4.1.2, RFC 9207). */
export type Answer = {
  code?: string | undefined
  state?: string | undefined
  error?: string | undefined
  iss?: string | undefined
}

export const createRedirects = (deps: Deps) => {
  const { store, providers, flows, login, identities, exchangeCodes, log, settings } = deps

  /** Compared as texts, never as addresses: what two parsers read differently is on no list. */
  const returnUrl = (wanted: string | undefined): string => {
    const [first] = settings.returnUrls
    const found = wanted === undefined ? first : settings.returnUrls.find((url) => url === wanted)
    if (found === undefined) throw new AuthError('return_url_not_allowed')
    return found
  }

  const redirectUri = ({ name }: Pick<ConfiguredProvider, 'name'>): string =>
    `${settings.baseUrl}/auth/oauth/${name}/callback`

  /** @throws AuthError `unsupported_provider`, `return_url_not_allowed`, `provider_unavailable` */
  const start = async (name: string, wish: Wish, browser: string | undefined): Promise<Onward> => {
    const provider = providers.require(name)
    const { codeChallenge, claim, link } = wish
    const about = { provider: name, returnTo: returnUrl(wish.returnTo), codeChallenge, claim, link }
    const flow = flows.begin(about, browser)
    const { state, nonce, codeVerifier, lastsSeconds } = flow
    const location = await provider.authorizationUrl({
      ...{ redirectUri: redirectUri(provider), state, nonce, codeVerifier },
    })
    return { location: location.href, browser: { value: flow.browser, lastsSeconds } }
  }

  /**
   * Takes what the provider sent back. What goes wrong once it is certain whose browser this is, is told to the page that
   * it returns to; everything before that is refused.
   *
   * @throws AuthError `unsupported_provider`, `invalid_state`
   */
  const finish = async (
    name: string,
    answer: Answer,
    browser: string | undefined,
    caller: Caller,
  ): Promise<Onward> => {
    const provider = providers.require(name)
    const flow = flows.open(answer.state, { provider: name, browser })
    if (flow === undefined) throw new AuthError('invalid_state')
    // spent before it is acted on: a crash leaves somebody asking again, never somebody in twice
    if (!(await store.spent.spend(`flow ${flow.id}`, flow.expiresAt)))
      throw new AuthError('invalid_state')
    try {
      return await arrive(provider, flow, answer, caller)
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      log.info(
        { code: error.code, provider: name, request_id: caller.requestId, err: error.cause },
        'a sign-in through a provider was refused',
      )
      return { location: withParameter(flow.returnTo, 'error', error.code satisfies ErrorCode) }
    }
  }

  /**
   * An answer that another site has posted comes without our cookie. It is taken to the callback once more, as an address, and
   * only what counts of it; nothing else is done. As a rule only Apple asks for that.
   *
   * @throws AuthError `unsupported_provider`, `method_not_allowed`
   */
  const relay = (name: string, { code, state, error, iss }: Answer): Onward => {
    const provider = providers.require(name)
    if (provider.responseMode !== 'form_post')
      throw new AuthError('method_not_allowed', { allow: ['GET', 'OPTIONS'] })
    const location = new URL(redirectUri(provider))
    for (const [member, value] of Object.entries({ code, state, error, iss }))
      if (value !== undefined) location.searchParams.set(member, value)
    return { location: location.href }
  }

  const arrive = async (
    provider: ConfiguredProvider,
    flow: NonNullable<ReturnType<Flows['open']>>,
    { code, error, iss }: Answer,
    caller: Caller,
  ): Promise<Onward> => {
    if (error !== undefined || !code) throw new AuthError('provider_denied', { provider })
    const { codeVerifier, nonce, returnTo, codeChallenge, claim, link } = flow
    const proof = await provider.byCode({
      ...{ code, codeVerifier, nonce, issuer: iss, redirectUri: redirectUri(provider) },
    })
    if (link) {
      await identities.linkFor(link, { provider, proof }, caller)
      return { location: withParameter(returnTo, 'linked', provider.name) }
    }
    const arrival = { provider, proof, claim }
    if (codeChallenge === undefined)
      return { location: returnTo, grant: await login.logIn(arrival, caller) }
    const vouched = await login.recognise(arrival, caller)
    const exchangeCode = exchangeCodes.make(vouched, codeChallenge)
    return { location: withParameter(returnTo, 'code', exchangeCode) }
  }

  return { start, finish, relay }
}
export type Redirects = ReturnType<typeof createRedirects>

/** Return addresses are of the operator's making, with or without a query of their own. */
const withParameter = (url: string, name: string, value: string): string => {
  const address = new URL(url)
  address.searchParams.set(name, value)
  return address.href
}
