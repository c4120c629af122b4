import { AuthError } from '../errors.js'
import type { KnownDevices } from '../features/limits/known-devices.js'
import type { RateLimits, Standing } from '../features/limits/rate-limits.js'
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

  const judge = ({ standings }: Visitor, standing: Standing | undefined): void => {
    if (standing === undefined) return
    standings.push(standing)
    if (standing.isOver)
      throw new AuthError('too_many_requests', { retryAfterSeconds: standing.resetSeconds })
  }

  /** Behind the address of a known device may be strangers, who must not use up what its owner may ask. */
  const deviceKeyOf = (token: string | undefined): string | undefined => {
    const device = knownDevices.read(token)
    return device && `device:${device.deviceId}`
  }

  const countAll = async ({ client }: Visitor, token: string | undefined) => {
    const standing = await limits.count('requests', client.key)
    const device = standing?.isOver ? deviceKeyOf(token) : undefined
    return device === undefined ? standing : limits.count('requests', device)
  }

  return {
    greet: (request: PlainRequest): Visitor => ({ client: clientOf(request), standings: [] }),
    /** Before anything is looked at. @throws AuthError `address_not_allowed`, `too_many_requests` */
    admit: async (
      visitor: Visitor,
      { path }: PlainRequest,
      match: Match,
      token: string | undefined,
    ): Promise<void> => {
      lists.require(visitor.client, path)
      if (match.found === 'route' && match.route.limit === 'none') return
      judge(visitor, await countAll(visitor, token))
    },
    /** Where the route has a limit of its own. @throws AuthError `too_many_requests` */
    limit: async (visitor: Visitor, { limit }: Route, token: string | undefined): Promise<void> => {
      if (limit === undefined || limit === 'none') return
      const device = limit.name === 'login' ? deviceKeyOf(token) : undefined
      judge(visitor, await limits.count(limit.name, device ?? visitor.client.key))
    },
  }
}
export type Admission = ReturnType<typeof createAdmission>
