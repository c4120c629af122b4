import type { z } from 'zod'

/** A login provider as data: docs/guides/adding-a-provider.md explains each member. */
export type Provider = {
  /** In paths and in the names of settings: 'google'. */
  name: string
  /** On buttons and in sentences: 'Google'. */
  title: string
  /** openid: signs an ID token that says who somebody is. oauth2: has to be asked with an access token. */
  protocol: 'openid' | 'oauth2'
  /** Where it is (RFC 8414, OpenID Connect Discovery 1.0 §3). Of an OpenID provider the issuer is enough. */
  server: {
    issuer: string
    authorization_endpoint?: string
    token_endpoint?: string
    /** What it calls itself, where that is not where it is found; `{tenantid}` stands for the tenant of a token. */
    signedIssuer?: string
  }
  /** No more than is needed to know who somebody is. */
  scopes: readonly string[]
  /** How we prove who we are at the token endpoint (RFC 6749 §2.3.1). Default: post */
  clientAuthentication?: 'basic' | 'post'
  /** The client secret, where it is not a text that an operator was given but made from a key, for a short time. */
  makeSecret?(clientId: string, now: Date): string
  /** What it cannot do, although it is a protection: a nonce in its ID tokens, PKCE. */
  lacks?: readonly ('nonce' | 'pkce')[]
  /** What the authorization request says besides. */
  parameters?: Readonly<Record<string, string>>
  /** How the answer comes back, where it is not in the address: as a form that another site posts. */
  responseMode?: 'form_post'
  /**
   * What it says of somebody: asked for with an access token, where no ID token says it. userinfo: at the address that an
   * OpenID provider names for that (OpenID Connect Core 1.0 §5.3).
   */
  fetchClaims?:
    | 'userinfo'
    | ((ask: Ask, accessToken: string, client: ProviderClient) => Promise<unknown>)
  /** Who that is. The schema reads the claims; what does not fit it is refused. */
  person: z.ZodType<Person>
  /**
   * Whether an access token was issued to this very client: asks the provider. Without it access tokens are no proof.
   */
  confirm?(ask: Ask, accessToken: string, client: ProviderClient): Promise<boolean>
}

/** Somebody, as a provider knows them. */
export type Person = {
  /** Always and only this person's, at this provider. */
  subject: string
  email: string | null
  /** Whether the provider says, with the truth value true or by what it is, that the address was confirmed. */
  isEmailConfirmed: boolean
  /** Whether its word about this address is as good as a mail we sent ourselves. Only then accounts meet by address. */
  isEmailAuthoritative: boolean
  firstName: string | null
  lastName: string | null
  picture: string | null
}

/** What the provider knows us by. */
export type ProviderClient = { id: string; secret: string }

/** One question to the provider, answered with JSON. @throws AuthError `provider_unavailable`, `provider_token_rejected` */
export type Ask = (
  url: string,
  options?: {
    method?: 'GET' | 'POST'
    headers?: Readonly<Record<string, string>>
    body?: string
  },
) => Promise<unknown>
