/** As much of oidc-provider as is used here; it comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> }

  type Context = {
    oidc: {
      client: { clientId: string }
      session: { accountId: string }
      provider: Provider
    }
  }

  type Adapter = {
    upsert(id: string, payload: Record<string, unknown>): Promise<void>
    find(id: string): Promise<Record<string, unknown> | undefined>
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>
    findByUserCode(): Promise<undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    Grant: new (about: {
      clientId: string
      accountId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ params: Record<string, unknown> }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string } } | { error: string; error_description: string },
    ): Promise<void>
  }

  type Configuration = {
    adapter: (model: string) => Adapter
    clients: readonly object[]
    claims: Readonly<Record<string, readonly string[]>>
    conformIdTokenClaims: boolean
    cookies: { keys: readonly string[] }
    features: Readonly<Record<string, { enabled: boolean }>>
    findAccount(
      context: unknown,
      subject: string,
    ): { accountId: string; claims(): object } | undefined
    interactions: { url(context: unknown, interaction: { uid: string }): string }
    jwks: { keys: readonly object[] }
    loadExistingGrant(context: Context): Promise<Grant>
    ttl: Readonly<Record<string, number>>
  }
}
