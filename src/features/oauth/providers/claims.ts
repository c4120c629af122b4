import { z } from 'zod'

/** Members of what providers say. Nothing is guessed: a number is no text, and the text "false" is no truth value. */
/** At most 255 signs of ASCII (OpenID Connect Core 1.0 §2): others look alike, or are one and the same once they are kept. */
export const subject = z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/)
export const optionalText = z.string().max(2048).nullish()
/** true only; everything else, also the text "true", means that the provider does not say so. */
export const saysTrue = z
  .unknown()
  .optional()
  .transform((value) => value === true)

/** An address of a picture that a page may show: https, and nothing that a script could hide in. */
export const pictureOf = (address: string | null | undefined): string | null => {
  if (!address || address.length > 2048 || !URL.canParse(address)) return null
  return new URL(address).protocol === 'https:' ? new URL(address).href : null
}

const longestName = 100

/** A name as people may have it here: on one line, of bounded length, without signs that turn text around or open a tag. */
export const nameOf = (name: string | null | undefined): string | null => {
  const clean = (name ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .normalize('NFC')
  return [...clean].slice(0, longestName).join('') || null
}

/** A whole name as two: what stands last is the family's. */
export const namesOf = (
  whole: string | null | undefined,
): { firstName: string | null; lastName: string | null } => {
  const name = nameOf(whole)
  const at = name?.lastIndexOf(' ') ?? -1
  if (name === null || at < 0) return { firstName: name, lastName: null }
  return { firstName: name.slice(0, at), lastName: name.slice(at + 1) }
}
