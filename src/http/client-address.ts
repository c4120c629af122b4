import { createBoundedMap } from '../lib/bounded-map.js'
import { addressKey, addressRanges, canonicalAddress } from '../lib/ip-address.js'
import { header, type PlainRequest } from './plain.js'

/** Who is asking: an address in its one spelling, undefined when nobody can tell, and what it is counted by. */
export type Client = { address: string | undefined; key: string }

/** What is known of the text of an address, worked out once as long as it is remembered. */
type Known = Client & { isProxy: boolean }

/**
 * Finds the client of a request. The connection tells it; only where a trusted proxy holds the connection,
 * X-Forwarded-For does, read from the right: the last hop that no trusted proxy is. What stands further left may have been
 * written by anybody. No other header is ever believed.
 *
 * @param trustedProxies ranges, as `isRange` takes them
 */
export const createClientAddresses = (
  trustedProxies: readonly string[],
): ((request: Pick<PlainRequest, 'address' | 'headers'>) => Client) => {
  const proxies = addressRanges(trustedProxies)
  const trustsAny = trustedProxies.length > 0
  const remembered = createBoundedMap<Known>(mostRemembered)

  const know = (text: string): Known => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const address = canonicalAddress(text)
    const isProxy = trustsAny && address !== undefined && proxies.includes(address)
    const learned = { address, key: addressKey(address), isProxy }
    if (text.length <= longestAddress) remembered.set(text, learned)
    return learned
  }

  const firstStranger = (chain: string): Client => {
    const isCut = chain.length > longestChain
    const hops = chain
      .slice(-longestChain)
      .split(',')
      .slice(isCut ? 1 : 0)
    let hop: Client = nobody
    for (const text of hops.reverse()) {
      const known = know(withoutPort(text.trim()))
      if (!known.isProxy) return known
      hop = known
    }
    return isCut ? nobody : hop // all are proxies: the first of them asks for itself
  }

  return (request) => {
    if (request.address === undefined) return nobody
    const peer = know(request.address)
    if (!peer.isProxy) return peer
    const chain = header(request, 'x-forwarded-for')?.trim()
    return chain ? firstStranger(chain) : peer
  }
}

const nobody: Client = { address: undefined, key: addressKey(undefined) }

const mostRemembered = 10_000
const longestAddress = 64
/** More than any row of proxies writes: whoever sends this wants it read. */
const longestChain = 2_048

/** `1.2.3.4:567` and `[::1]:567`, as some proxies write them. */
const withoutPort = (hop: string): string => {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\](?::\d{1,5})?|(\d[\d.]*):\d{1,5})$/.exec(hop) ?? []
  return inBrackets ?? plain ?? hop
}
