import { isWithin } from '../lib/ip-address.js'
import type { ServerSettings } from './env.js'
import { isLocalHost } from './local-host.js'
import { isProduction } from './root-secret-file.js'
import type { WarningRule } from './warning-rule.js'

/** Limits that do not limit, and addresses that are not whose they seem. */
export const limitWarnings: readonly WarningRule[] = [
  {
    warning: 'limits_off',
    about: 'limits',
    detail: (settings) => {
      const names = limitsOff(settings)
      return names.length === 0
        ? undefined
        : `${names.map((name) => `${name}=0`).join(', ')}: one address may ask as often as it likes`
    },
    remedy: (settings) => `Remove ${limitsOff(settings).join(', ')}, unless a proxy limits for you`,
  },
  {
    warning: 'loose_limits',
    about: 'limits',
    detail: (settings) => {
      const loose = looseLimit(settings)
      return (
        loose && `${loose.variable}=${loose.most} lets one address guess that often in a minute`
      )
    },
    remedy: (settings) => {
      const loose = looseLimit(settings)
      return `Set ${loose?.variable} to ${loose?.loosest} or less`
    },
  },
  {
    warning: 'limit_without_effect',
    about: 'limits',
    detail: (settings) => {
      const pointless = pointlessLimit(settings)
      return (
        pointless && `${pointless} allows more than RATE_LIMIT_REQUESTS does, and so limits nothing`
      )
    },
    remedy: (settings) => `Lower ${pointlessLimit(settings)}, or raise RATE_LIMIT_REQUESTS`,
  },
  {
    warning: 'late_lock',
    about: 'limits',
    detail: ({ auth }) =>
      (auth.locks?.afterFailures ?? 0) > mostFailures
        ? `LOCK_AFTER_FAILURES=${auth.locks?.afterFailures} lets a stranger try more passwords than the ${mostFailures} of NIST SP 800-63B`
        : undefined,
    remedy: 'Set LOCK_AFTER_FAILURES to 100 or less; 10 is the default',
  },
  {
    warning: 'no_trusted_proxies',
    about: 'proxy',
    detail: (settings) =>
      isProduction(settings) && proxiesOf(settings).length === 0
        ? 'BASE_URL is https, which a proxy must speak in front of this server, and TRUSTED_PROXIES is not set: all users share the address of that proxy, and its limits'
        : undefined,
    remedy: ({ host }) =>
      `Set TRUSTED_PROXIES to the address of the proxy, such as TRUSTED_PROXIES=${isLocalHost(host) ? '127.0.0.1' : '10.0.0.0/8'}; latchkey doctor says which one it is`,
  },
  {
    warning: 'wide_trust',
    about: 'proxy',
    detail: (settings) => {
      const wide = proxiesOf(settings).find(isWide)
      return (
        wide &&
        `TRUSTED_PROXIES trusts ${wide}: whoever has an address there may pretend to have any other`
      )
    },
    remedy: 'Name the addresses of your proxies only, such as TRUSTED_PROXIES=10.0.0.5',
  },
]

/** NIST SP 800-63B-4 §3.2.2 */
const mostFailures = 100
const loosestGuesses = 100

type Limit = { variable: string; most: number | undefined; loosest: number }

const limitsOf = ({ auth: { limits = {} } }: ServerSettings): Limit[] => [
  {
    variable: 'RATE_LIMIT_REQUESTS',
    most: limits.requests,
    loosest: Number.POSITIVE_INFINITY,
  },
  { variable: 'RATE_LIMIT_LOGIN', most: limits.login, loosest: loosestGuesses },
  { variable: 'RATE_LIMIT_REGISTER', most: limits.register, loosest: loosestGuesses },
  { variable: 'RATE_LIMIT_REFRESH', most: limits.refresh, loosest: Number.POSITIVE_INFINITY },
]

const limitsOff = (settings: ServerSettings): string[] =>
  limitsOf(settings).flatMap(({ variable, most }) => (most === 0 ? variable : []))

const looseLimit = (settings: ServerSettings): Limit | undefined =>
  limitsOf(settings).find(({ most = 0, loosest }) => most > loosest)

/** A limit that was set, of a minute, above that of all requests in the same minute. */
const pointlessLimit = (settings: ServerSettings): string | undefined => {
  const { requests = 0, window = '60s' } = settings.auth.limits ?? {}
  const inMinute = (requests * 60) / Number.parseInt(window, 10)
  if (requests === 0) return undefined
  return limitsOf(settings)
    .slice(1)
    .find(({ most = 0 }) => most > inMinute)?.variable
}

const proxiesOf = ({ auth }: ServerSettings): readonly string[] => auth.http?.trustedProxies ?? []

const privateRanges = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8'],
  ...['fc00::/7', 'fe80::/10', '::1'],
]

/** More of the public internet than one operator of proxies has. */
const isWide = (range: string): boolean => {
  const [network = '', prefix] = range.split('/')
  return (
    Number(prefix ?? 128) < (network.includes(':') ? 32 : 16) &&
    !privateRanges.some((known) => isWithin(range, known))
  )
}
