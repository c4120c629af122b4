import { createHash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { addSeconds, type Clock } from '../../lib/clock.js'
import type { EmailRule } from '../../lib/email-address.js'
import type { Log } from '../../lib/log.js'
import { createSeal } from '../../lib/seal.js'
import type { Store } from '../../stores/store.js'
import type { Accounts } from '../accounts/accounts.js'
import type { OwnerProof, Reauthentication } from '../accounts/reauthentication.js'
import type { Events } from '../events/events.js'
import type { Enter } from '../login/enter.js'
import type { Grant } from '../sessions/grant.js'
import type { LiveSessions } from '../sessions/live-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import { createExchangeCodes } from './exchange-codes.js'
import { createFlows } from './flow.js'
import { createIdentities } from './identities.js'
import { createIdentityRecords, type KeptTokens } from './identity-records.js'
import { createProviderCalls } from './provider-calls.js'
import { createProviderLogin } from './provider-login.js'
import { createProviders, type Proof, type ProviderSetup } from './providers.js'
import { createRedirects, type Onward, type Wish } from './redirects.js'
import type { Identity } from './store.js'

/** Social login: everything that has to do with providers, wired. */
type Deps = {
  store: Pick<Store, 'users' | 'sessions' | 'identities' | 'spent'>
  events: Events
  clock: Clock
  log: Log
  accounts: Accounts
  reauthentication: Reauthentication
  sessions: Sessions
  live: LiveSessions
  enter: Enter
  emails: EmailRule
  secrets: readonly [string, ...string[]]
  settings: SocialLoginSettings
}

export type SocialLoginSettings = {
  setups: readonly ProviderSetup[]
  baseUrl: string
  returnUrls: readonly string[]
  keepTokens: boolean
  queue: number
  standIn?: string | undefined
}

/** What an app may send to prove who its user is at a provider. */
export type Token =
  | { accessToken: string }
  | { code: string; codeVerifier: string; redirectUri: string; nonce?: string | undefined }
  | { idToken: string; nonce: string }

/** So long an ID token that was used is remembered; it is not taken when it is older. */
const idTokenSeconds = 1800

export const createSocialLogin = (deps: Deps) => {
  const { store, clock, log, reauthentication, secrets, settings } = deps
  const seal = createSeal(secrets)
  const calls = createProviderCalls({
    ...{ standIn: settings.standIn, queue: settings.queue },
    names: settings.setups.map(({ provider }) => provider.name),
  })
  const providers = createProviders({ setups: settings.setups, calls, clock })
  const records = createIdentityRecords({ clock, seal, keepsTokens: settings.keepTokens })
  const exchangeCodes = createExchangeCodes({ store, seal, clock })
  const flows = createFlows({ seal, secret: secrets[0], clock })
  const login = createProviderLogin({ ...deps, records })
  const identities = createIdentities({ ...deps, records, providers })
  const redirects = createRedirects({
    ...{ store, providers, flows, login, identities, exchangeCodes, log, settings },
  })

  const proofBy = async (name: string, token: Token): Promise<Proof> => {
    const provider = providers.require(name)
    if ('accessToken' in token) return provider.byAccessToken(token.accessToken)
    if ('code' in token) return provider.byCode({ ...token, nonce: token.nonce })
    const proof = await provider.byIdToken(token.idToken, token.nonce)
    // the signature is left out: some have two spellings
    const [header, payload] = token.idToken.split('.')
    const id = createHash('sha256').update(`${header}.${payload}`).digest('base64url')
    if (!(await store.spent.spend(`id_token ${id}`, addSeconds(clock(), idTokenSeconds))))
      throw new AuthError('provider_token_rejected', { provider })
    return proof
  }

  return {
    providers,
    redirects,
    identities,
    /** Signs in whoever a provider has named, once that is proved. */
    logIn: login.logIn,
    /** How the calls to each provider went. */
    counts: calls.counts,
    lines: calls.lines,

    /**
     * Trades what a provider gave to an app for a grant.
     *
     * @throws AuthError `unsupported_provider`, `unsupported_proof`, `provider_token_rejected`, `provider_unavailable`,
     *   `provider_email_missing`, `account_exists`, `account_disabled`, `registration_closed`
     */
    trade: async (
      name: string,
      { token, claim }: { token: Token; claim?: true | undefined },
      caller: Caller,
    ): Promise<Grant> => {
      const provider = providers.require(name)
      return login.logIn({ provider, proof: await proofBy(name, token), claim }, caller)
    },

    /** The grant for a code of ours (`redirects`). @throws AuthError `invalid_exchange_code`, `account_disabled` */
    exchange: async (code: string, codeVerifier: string, caller: Caller): Promise<Grant> => {
      const vouched = await exchangeCodes.spend(code, codeVerifier)
      const isStillThere = providers.names.includes(vouched.provider)
      const grant = isStillThere ? await login.letIn(vouched, caller) : undefined
      if (grant) return grant
      throw new AuthError('invalid_exchange_code')
    },

    /**
     * What the provider gave to us besides at the last sign-in or linking, where `oauth.keepTokens` says so: tokens to ask it in
     * the name of the user. They may have expired.
     */
    tokens: async (userId: string, provider: string): Promise<KeptTokens | undefined> => {
      const own = (await store.identities.list(userId)).filter((one) => one.provider === provider)
      own.sort((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
      for (const identity of own) {
        const tokens = records.open(identity)
        if (tokens !== undefined) return tokens
      }
      return undefined
    },

    /** Begins to link a login to the account of a session; the browser finishes it. */
    startLink: async (
      name: string,
      who: { userId: string; proof: OwnerProof; browser: string | undefined },
      wish: Pick<Wish, 'returnTo'>,
      caller: Caller,
    ): Promise<Onward> => {
      providers.require(name)
      await reauthentication.require(who.userId, who.proof, caller)
      const link = { userId: who.userId, sessionId: who.proof.sessionId }
      return redirects.start(name, { ...wish, link }, who.browser)
    },

    /** Links a login by what a provider gave to an app. */
    link: async (
      name: string,
      { userId, proof }: { userId: string; proof: OwnerProof },
      token: Token,
      caller: Caller,
    ): Promise<Identity> => {
      const provider = providers.require(name)
      await reauthentication.require(userId, proof, caller)
      const said = await proofBy(name, token)
      return identities.linkFor(
        { userId, sessionId: proof.sessionId },
        { provider, proof: said },
        caller,
      )
    },
  }
}
export type SocialLogin = ReturnType<typeof createSocialLogin>
