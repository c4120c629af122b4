import { isLocalHost } from './local-host.js'

/** Addresses that settings hold: of pages that browsers come back to, and of providers. */

export const isPlainElsewhere = (address: string): boolean =>
  URL.canParse(address) &&
  new URL(address).protocol === 'http:' &&
  !isLocalHost(new URL(address).hostname)

/** Compared to the last character later on, so nothing in it may be for a parser to decide. */
export const pageFault = (text: string): string | undefined =>
  isWebAddress(text.trim()) && !/[#\s\\]/.test(text.trim())
    ? undefined
    : 'must be exact http or https addresses of pages, such as https://app.example.com/signed-in, without a fragment, a name or a password in them'

/** As OpenID Connect Discovery 1.0 §3 wants it; plain http only where nothing leaves this machine. */
export const issuerFault = (text: string): string | undefined =>
  isWebAddress(text) && !/[?#\s\\]/.test(text) && !isPlainElsewhere(text)
    ? undefined
    : 'must be the https address of the issuer, exactly as its discovery document has it, without a query; http only on this machine'

const isWebAddress = (text: string): boolean =>
  /^https?:\/\//.test(text) &&
  URL.canParse(text) &&
  new URL(text).username === '' &&
  new URL(text).password === ''
