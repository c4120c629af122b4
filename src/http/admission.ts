import { AuthError } from '../errors.js'
import type { KnownDevices } from '../features/limits/known-devices.js'
import type { LimitName, MaybeLater, RateLimits, Standing } from '../features/limits/rate-limits.js'
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

  const count = (visitor: Visitor, name: LimitName, key: string): MaybeLater<void> => {
    const standing = limits.count(name, key)
    return standing instanceof Promise
      ? standing.then((later) => judge(visitor, later))
      : judge(visitor, standing)
  }

  const countRequest = (visitor: Visitor, token: string | undefined): MaybeLater<void> => {
    const orDevice = (standing: Standing | undefined): MaybeLater<void> => {
      const device = standing?.isOver ? deviceKeyOf(token) : undefined
      return device === undefined ? judge(visitor, standing) : count(visitor, 'requests', device)
    }
    const standing = limits.count('requests', visitor.client.key)
    return standing instanceof Promise ? standing.then(orDevice) : orDevice(standing)
  }

  return {
    greet: (request: PlainRequest): Visitor => ({ client: clientOf(request), standings: [] }),
    /** Before anything is looked at. @throws AuthError `address_not_allowed`, `too_many_requests` */
    admit: (
      visitor: Visitor,
      { path }: PlainRequest,
      match: Match,
      token: string | undefined,
    ): MaybeLater<void> => {
      lists.require(visitor.client, path)
      if (match.found === 'route' && match.route.limit === 'none') return
      return countRequest(visitor, token)
    },
    /** Where the route has a limit of its own. @throws AuthError `too_many_requests` */
    limit: (visitor: Visitor, { limit }: Route, token: string | undefined): MaybeLater<void> => {
      if (limit === undefined || limit === 'none') return
      const device = limit.name === 'login' ? deviceKeyOf(token) : undefined
      return count(visitor, limit.name, device ?? visitor.client.key)
    },
  }
}
export type Admission = ReturnType<typeof createAdmission>
