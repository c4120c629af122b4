import { z } from 'zod'
import { addSeconds, type Clock } from '../../lib/clock.js'
import { parseJson } from '../../lib/json.js'
import type { ProviderFetch } from './provider-calls.js'

/**
 * The keys by which an OpenID provider signs (RFC 7517). Kept for five minutes; a key that is not among them makes us ask
 * anew, but not more often than every ten seconds: anybody can send tokens that name keys which do not exist.
 */
const keepSeconds = 300
const renewSeconds = 10
const mostKeys = 100

const key = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  /** For which issuer it signs (Entra ID). */
  issuer: z.string().optional(),
})
type Key = z.output<typeof key>

const keySet = z.object({ keys: z.array(key).max(mostKeys) })

export type KeySet = { keys: readonly Key[] }

export const createOpenIdKeys = ({ clock }: { clock: Clock }) => {
  let kept: { set: KeySet; until: Date } | undefined
  let asking: Promise<KeySet> | undefined
  let nextRenewal: Date | undefined

  const ask = (address: string, fetch: ProviderFetch): Promise<KeySet> => {
    asking ??= read(address, fetch)
      .then((set) => {
        kept = { set, until: addSeconds(clock(), keepSeconds) }
        return set
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  return {
    current: async (address: string, fetch: ProviderFetch): Promise<KeySet> =>
      kept && kept.until > clock() ? kept.set : ask(address, fetch),
    /** Newer ones than those; undefined where it is too early to ask. */
    newer: async (
      than: KeySet,
      address: string,
      fetch: ProviderFetch,
    ): Promise<KeySet | undefined> => {
      if (asking) return asking
      if (kept && kept.set !== than) return kept.set
      if (nextRenewal && nextRenewal > clock()) return undefined
      nextRenewal = addSeconds(clock(), renewSeconds)
      return ask(address, fetch)
    },
  }
}
export type OpenIdKeys = ReturnType<typeof createOpenIdKeys>

/** Keys that say for whom they sign are nobody else's: those of personal accounts sign for no company. */
export const signsFor = (
  { keys }: KeySet,
  keyId: unknown,
  { iss, tid }: { iss: string; tid?: unknown },
): boolean => {
  const issuer = keys.find(({ kid }) => kid === keyId)?.issuer
  return issuer === undefined || issuer.replace('{tenantid}', String(tid)) === iss
}

const read = async (address: string, fetch: ProviderFetch): Promise<KeySet> => {
  const response = await fetch(address, {
    method: 'GET',
    headers: { accept: 'application/jwk-set+json, application/json' },
  })
  if (response.status !== 200) throw new Error(`its keys: it answered ${response.status}`)
  const { keys } = keySet.parse(parseJson(Buffer.from(await response.arrayBuffer())))
  return { keys: keys.filter(isStrong) }
}

/** Shared secrets are no public keys, and RSA is worth something from 2048 bits and 65537 on (security page, F7). */
const isStrong = ({ kty, n = '', e = '' }: Key): boolean => {
  if (kty === 'oct') return false
  return kty !== 'RSA' || (bits(n) >= 2048 && bits(e) >= 17)
}

const bits = (base64Url: string): number => {
  const hex = Buffer.from(base64Url, 'base64url').toString('hex').replace(/^0+/, '')
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length
}
