import type { ProviderFetch } from './provider-calls.js'

/** How a provider is spoken to. Two ways: OpenID Connect, and plain OAuth 2. */
export type Driver = {
  /** Where browsers are sent to (RFC 6749 §4.1.1, RFC 7636 §4.3). */
  authorizationUrl(start: Start, fetch: ProviderFetch): Promise<URL>
  /** Trades a code for what the provider says (RFC 6749 §4.1.3). */
  redeem(code: Redemption, fetch: ProviderFetch): Promise<Redeemed>
  /** The claims of an ID token that came from an app (OpenID Connect Core 1.0 §3.1.3.7). */
  verifyIdToken?(idToken: string, nonce: string, fetch: ProviderFetch): Promise<object>
  /**
   * What is said of the holder of an access token, who has to be that subject (OpenID Connect Core 1.0 §5.3.2); undefined
   * where nothing can be asked.
   */
  userInfo?(
    accessToken: string,
    subject: string | undefined,
    fetch: ProviderFetch,
  ): Promise<object | undefined>
}

export type Start = {
  redirectUri: string
  state: string
  nonce: string
  codeVerifier: string
}

export type Redemption = {
  code: string
  codeVerifier: string
  redirectUri: string
  /** What the ID token must say; undefined where an app began and asked for none. */
  nonce: string | undefined
  /** Who says it sent the code, where it does (RFC 9207). */
  issuer?: string | undefined
}

export type Redeemed = {
  tokens: ProviderTokens
  /** Of the ID token, checked; undefined where there is none. */
  claims: (object & { sub: string }) | undefined
}

export type ProviderTokens = {
  accessToken: string
  refreshToken: string | null
  /** Seconds it lasts, where the provider says so. */
  expiresInSeconds: number | null
  scope: string | null
}
