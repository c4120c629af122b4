import { domainToASCII, domainToUnicode } from 'node:url'

/**
 * Which addresses are one person's. folded: case makes no difference. kept: it does in the local part. any: as kept, and
 * what is no address at all is taken as it stands.
 */
export type EmailRule = 'folded' | 'kept' | 'any'

/** An address as somebody typed it, and the one spelling that identifies it. */
export type EmailAddress = { typed: string; canonical: string }

// dot-atom of RFC 5322 §3.2.3, ASCII only: the Unicode forms of RFC 6531 have look-alikes that fold into each other
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const domainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const longestLocalPart = 64 // octets, RFC 5321 §4.5.3.1.1
const longestAddress = 254 // octets, RFC 5321 §4.5.3.1.3, erratum 1690

/**
 * Reads an e-mail address, or undefined when it is not exactly one plain address. Canonical is the lower-cased local
 * part and the domain in its ASCII form (IDNA); nothing else is folded or trimmed: dots and plus tags are identities.
 */
export const parseEmailAddress = (
  typed: string,
  rule: EmailRule = 'folded',
): EmailAddress | undefined => parse(typed, rule) ?? (rule === 'any' ? anyText(typed) : undefined)

const parse = (typed: string, rule: EmailRule): EmailAddress | undefined => {
  if (typed.length > longestAddress) return undefined
  const at = typed.indexOf('@')
  if (at < 1 || typed.indexOf('@', at + 1) !== -1) return undefined

  const local = typed.slice(0, at)
  if (local.length > longestLocalPart || !localPart.test(local)) return undefined
  const domain = canonicalDomain(typed.slice(at + 1))
  if (domain === undefined) return undefined

  const canonical = `${rule === 'folded' ? local.toLowerCase() : local}@${domain}`
  return canonical.length > longestAddress ? undefined : { typed, canonical }
}

/** Some text on one line that is nothing else. */
const anyText = (typed: string): EmailAddress | undefined =>
  typed === '' || typed.length > longestAddress || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(typed)
    ? undefined
    : { typed, canonical: typed }

const canonicalDomain = (domain: string): string | undefined => {
  // IDNA mapping turns some signs into dots, '@', ASCII letters or nothing; only letters, digits and real dots may enter it
  if (!/^[\p{L}\p{N}\p{M}.-]+$/u.test(domain) || domain !== domain.normalize('NFKC'))
    return undefined
  const ascii = domainToASCII(domain)
  const labels = ascii.split('.')
  if (labels.length < 2 || !labels.every(isLabel)) return undefined
  const typed = domain.split('.')
  if (!labels.every((label, index) => isSameLabel(label, typed[index] ?? ''))) return undefined
  return /^[0-9]+$/.test(labels.at(-1) ?? '') ? undefined : ascii
}

/** Newer Nodes let punycode pass that stands for nothing; it would be a name without a spelling. */
const isLabel = (label: string): boolean =>
  domainLabel.test(label) && (!label.startsWith('xn--') || domainToUnicode(label) !== label)

/** Case is all that may have been folded: variation selectors and the like leave no trace, and two spellings would be one person. */
const isSameLabel = (ascii: string, typed: string): boolean => {
  const lower = [...typed].map((sign) => sign.toLowerCase()).join('')
  return lower === ascii || lower === domainToUnicode(ascii)
}
