import { BlockList, isIP, isIPv4 } from 'node:net'

/** Addresses of the internet protocol: one spelling each, the network they count by, and ranges of them (RFC 4291, 4632). */
export type AddressRanges = { includes(address: string): boolean }

/**
 * One spelling for one address: IPv6 as RFC 5952 writes it, IPv4 mapped into IPv6 as plain IPv4, zones dropped.
 * Undefined for what is no address.
 */
export const canonicalAddress = (text: string): string | undefined => {
  const [, bare = '', zone] = /^([^%]*)(%[\w.-]+)?$/.exec(text) ?? []
  const version = isIP(bare)
  if (version === 0 || (version === 4 && zone !== undefined)) return undefined
  if (version === 4) return bare
  const spelled = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  return mappedIPv4(spelled) ?? spelled
}

/** `::ffff:c000:201`, as the URL standard spells ::ffff:192.0.2.1 */
const mappedIPv4 = (address: string): string | undefined => {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return undefined
  return [high, low]
    .map((word) => Number.parseInt(word, 16))
    .flatMap((word) => [word >> 8, word & 255])
    .join('.')
}

const nobody = 'unknown'

/**
 * What an address is counted by: IPv4 whole, IPv6 by its /64, which one subscriber has to himself as a rule. Whoever has no
 * address shares one key, so that nobody goes uncounted.
 */
export const addressKey = (address: string | undefined): string => {
  const canonical = address === undefined ? undefined : canonicalAddress(address)
  if (canonical === undefined) return nobody
  return isIPv4(canonical) ? canonical : `${networkOf(canonical)}::/64`
}

const networkOf = (address: string): string => {
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':')
}

/** Whether a text is an address, or a range in CIDR notation. */
export const isRange = (text: string): boolean => rangeOf(text) !== undefined

type Range = { network: string; prefix: number; family: 'ipv4' | 'ipv6' }

const rangeOf = (text: string): Range | undefined => {
  const [, network = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(network)
  if (version === 0 || network.includes('%')) return undefined
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const longest = version === 4 ? 32 : 128
  const prefix = digits === undefined ? longest : Number(digits)
  if (prefix > longest) return undefined
  const spelled = canonicalAddress(network) ?? network
  if (version === 4 || !isIPv4(spelled)) return { network: spelled, prefix, family }
  return prefix >= mappedBits
    ? { network: spelled, prefix: prefix - mappedBits, family: 'ipv4' }
    : { network, prefix, family }
}

/** How much of an IPv4 address mapped into IPv6 is the same for all of them. */
const mappedBits = 96

/** One spelling for one range, as far as it names the same network. Undefined for what is no range. */
export const canonicalRange = (text: string): string | undefined => {
  const range = rangeOf(text)
  return range && `${range.network}/${range.prefix}`
}

/** Whether a range holds every address there is, of IPv4 or of IPv6. */
export const isBoundless = (text: string): boolean => {
  const range = rangeOf(text)
  if (range === undefined) return false
  if (range.prefix === 0) return true
  // one of IPv6 that holds any mapped address holds all of them
  return range.family === 'ipv6' && addressRanges([text]).includes('192.0.2.1')
}

/** @throws Error for what `isRange` refuses */
export const addressRanges = (texts: readonly string[]): AddressRanges => {
  const list = new BlockList()
  for (const text of texts) {
    const range = rangeOf(text)
    if (range === undefined) throw new Error('Not a range of addresses')
    list.addSubnet(range.network, range.prefix, range.family)
  }
  return {
    includes: (address) => {
      const canonical = canonicalAddress(address)
      return canonical !== undefined && list.check(canonical, isIPv4(canonical) ? 'ipv4' : 'ipv6')
    },
  }
}

/** Whether a range (or an address) lies wholly in another; false for what is no range. */
export const isWithin = (inner: string, outer: string): boolean => {
  const [part, whole] = [rangeOf(inner), rangeOf(outer)]
  if (part === undefined || whole === undefined || part.family !== whole.family) return false
  return part.prefix >= whole.prefix && addressRanges([outer]).includes(part.network)
}
