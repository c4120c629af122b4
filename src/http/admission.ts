import { AuthError } from '../errors.js'
import type { KnownDevices } from '../features/limits/known-devices.js'
import type { LimitName, RateLimits, Standing } from '../features/limits/rate-limits.js'
import { type AddressLists, createAddressLists } from './address-lists.js'
import { type Client, createClientAddresses } from './client-address.js'
import type { PlainRequest } from './plain.js'
import type { Route } from './route.js'
import type { Match } from './router.js'

/** Who is asking, and where they stand under each limit that counted them. */
export type Visitor = { client: Client; standings: Standing[] }

type Deps = {
  addresses: AddressLists & { trustedProxies: readonly string[] }
  limits: RateLimits
  knownDevices: Pick<KnownDevices, 'read'>
}

/** The first and the last word on who may come in, and how often. */
export const createAdmission = ({ addresses, limits, knownDevices }: Deps) => {
  const clientOf = createClientAddresses(addresses.trustedProxies)
  const lists = createAddressLists(addresses)

  const count = async ({ standings }: Visitor, name: LimitName, by: string): Promise<void> => {
    const standing = await limits.count(name, by)
    if (standing === undefined) return
    standings.push(standing)
    if (standing.isOver)
      throw new AuthError('too_many_requests', { retryAfterSeconds: standing.resetSeconds })
  }

  /** Whom the limit of a route counts. Behind the address of a known device may be strangers, who must not use up its logins. */
  const limitKeyOf = (name: LimitName, { client }: Visitor, token: string | undefined): string => {
    const device = name === 'login' ? knownDevices.read(token) : undefined
    return device === undefined ? client.key : `device:${device.deviceId}`
  }

  return {
    greet: (request: PlainRequest): Visitor => ({ client: clientOf(request), standings: [] }),
    /** Before anything is looked at. @throws AuthError `address_not_allowed`, `too_many_requests` */
    admit: async (visitor: Visitor, { path }: PlainRequest, match: Match): Promise<void> => {
      lists.require(visitor.client, path)
      if (match.found === 'route' && match.route.limit === 'none') return
      await count(visitor, 'requests', visitor.client.key)
    },
    /** Where the route has a limit of its own. @throws AuthError `too_many_requests` */
    limit: async (
      visitor: Visitor,
      { limit }: Route,
      device: string | undefined,
    ): Promise<void> => {
      if (limit === undefined || limit === 'none') return
      await count(visitor, limit.name, limitKeyOf(limit.name, visitor, device))
    },
  }
}
export type Admission = ReturnType<typeof createAdmission>
