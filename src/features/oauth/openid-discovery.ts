import { z } from 'zod'
import { addSeconds, type Clock } from '../../lib/clock.js'
import { parseJson } from '../../lib/json.js'
import { isLocalHttp } from './local-http.js'
import type { ProviderFetch } from './provider-calls.js'
import type { Provider } from './providers/provider.js'

/** What an OpenID provider says of itself (OpenID Connect Discovery 1.0 §4). Kept for an hour; a failure is not kept. */
const keepSeconds = 3600

/** Signatures by keys of theirs; never one by a secret that both sides know (RFC 8725 §3.1). */
const algorithms: ReadonlySet<string> = new Set([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
])

const address = z.string().refine((text) => URL.canParse(text))

const document = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  userinfo_endpoint: address.optional(),
  id_token_signing_alg_values_supported: z
    .array(z.string())
    .default(['RS256'])
    .transform((names) => names.filter((name) => algorithms.has(name))),
})
export type Discovered = z.output<typeof document>

const addresses = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'userinfo_endpoint',
] as const

/** A provider on this machine may name others there; one elsewhere names nobody without TLS, least of all here. */
const isSafe = (address: string | undefined, issuer: string): boolean =>
  address === undefined ||
  address.startsWith('https://') ||
  (isLocalHttp(issuer) && isLocalHttp(address))

export const createOpenIdDiscovery = ({
  server: { signedIssuer, ...server },
  clock,
}: Pick<Provider, 'server'> & { clock: Clock }) => {
  let kept: { found: Discovered; until: Date } | undefined
  let asking: Promise<Discovered> | undefined

  const ask = async (fetch: ProviderFetch): Promise<Discovered> => {
    const response = await fetch(
      `${server.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      {
        method: 'GET',
        headers: { accept: 'application/json' },
      },
    )
    if (response.status !== 200) throw new Error(`discovery: it answered ${response.status}`)
    const said = document.parse(parseJson(Buffer.from(await response.arrayBuffer())))
    // sign by sign (§4.3): what differs is somebody else, whose tokens would be taken for this one's
    if (said.issuer !== (signedIssuer ?? server.issuer))
      throw new Error(`discovery: it calls itself ${JSON.stringify(said.issuer.slice(0, 200))}`)
    const found = { ...said, ...server, issuer: said.issuer }
    for (const name of addresses)
      if (!isSafe(found[name], server.issuer)) throw new Error(`discovery: ${name} is without TLS`)
    return found
  }

  return async (fetch: ProviderFetch): Promise<Discovered> => {
    if (kept && kept.until > clock()) return kept.found
    asking ??= ask(fetch)
      .then((found) => {
        kept = { found, until: addSeconds(clock(), keepSeconds) }
        return found
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }
}
