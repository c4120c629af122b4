import { AuthError } from '../errors.js'
import { addressRanges } from '../lib/ip-address.js'
import type { Client } from './client-address.js'

/** Which addresses are served: what is denied is never, and of the rest what is allowed, or all where nothing is. */
export type AddressLists = {
  allowedAddresses: readonly string[]
  deniedAddresses: readonly string[]
  adminAllowedAddresses: readonly string[]
  adminDeniedAddresses: readonly string[]
}

export const createAddressLists = (lists: AddressLists) => {
  const isServed = createList(lists.allowedAddresses, lists.deniedAddresses)
  const mayAdminister = createList(lists.adminAllowedAddresses, lists.adminDeniedAddresses)

  return {
    /** @throws AuthError `address_not_allowed` */
    require: (client: Client, path: string): void => {
      if (!isServed(client) || (isAdmin(path) && !mayAdminister(client)))
        throw new AuthError('address_not_allowed')
    },
  }
}

/** Whether any list stands before a path. */
export const isListed = (lists: AddressLists, path: string): boolean =>
  lists.allowedAddresses.length + lists.deniedAddresses.length > 0 ||
  (isAdmin(path) && lists.adminAllowedAddresses.length + lists.adminDeniedAddresses.length > 0)

/** The path as the router compares it, byte by byte: what is spelled in another way leads to no route at all. */
const isAdmin = (path: string): boolean => /^(?:\/v1)?\/admin(?:\/|$)/.test(path)

const createList = (
  allowed: readonly string[],
  denied: readonly string[],
): ((client: Client) => boolean) => {
  if (allowed.length === 0 && denied.length === 0) return () => true
  const [inside, outside] = [addressRanges(allowed), addressRanges(denied)]
  const decide = ({ address }: Client): boolean => {
    if (address === undefined) return allowed.length === 0 // who is nobody is on no list
    return !outside.includes(address) && (allowed.length === 0 || inside.includes(address))
  }
  const decided = new WeakMap<Client, boolean>() // clients are remembered, and so is what was decided
  return (client) => {
    const known = decided.get(client)
    if (known !== undefined) return known
    const verdict = decide(client)
    decided.set(client, verdict)
    return verdict
  }
}
