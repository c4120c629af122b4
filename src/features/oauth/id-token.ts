import { JWT_CLAIM_COMPARISON, OperationProcessingError } from 'oauth4webapi'
import { z } from 'zod'
import { parseJson } from '../../lib/json.js'
import { type KeySet, signsFor } from './openid-keys.js'

/** What an ID token has to be besides what the library sees to (OpenID Connect Core 1.0 §3.1.3.7). */
export const toleranceSeconds = 10
/** So old it may be when an app hands it on. */
const freshSeconds = 600

type Claims = {
  iss: string
  aud: string | string[]
  iat: number
  azp?: unknown
  tid?: unknown
}

type Checked = {
  idToken: string | undefined
  claims: Claims | undefined
  /** Ours, and those of apps of the same operator. */
  clientIds: readonly string[]
  keys: KeySet
  now: Date
  isFresh?: boolean
}

/** @throws OperationProcessingError as the library's own */
export const refuseFlaws = ({ idToken, claims, clientIds, keys, now, isFresh }: Checked): void => {
  const [header = '', payload = ''] = (idToken ?? '').split('.')
  if (claims === undefined) throw flaw('there is no ID token')
  if (readPart(payload) === undefined) throw flaw('its claims can be read in two ways')
  const head = readPart(header)
  if (head === undefined) throw flaw('its header can be read in two ways')
  const { iss, aud, azp, iat } = claims
  if (![aud].flat().every((id) => clientIds.includes(id))) throw flaw('it is for others besides us')
  if (azp !== undefined && !clientIds.some((id) => id === azp)) throw flaw('others asked for it')
  const age = now.getTime() / 1000 - iat
  if (age < -toleranceSeconds) throw flaw('it is of the future')
  if (isFresh && age > freshSeconds + toleranceSeconds) throw flaw('it is too old')
  if (!signsFor(keys, head.kid, { iss, tid: claims.tid }))
    throw flaw('its key signs for another issuer')
}

/** For whom it says it is, unchecked: which of our client ids is compared. */
export const audienceOf = (idToken: string): readonly unknown[] => {
  const [, payload = ''] = idToken.split('.')
  return [readPart(payload)?.aud].flat()
}

const part = z.looseObject({ aud: z.unknown().optional(), kid: z.unknown().optional() })

const readPart = (text: string) => {
  try {
    return part.safeParse(parseJson(Buffer.from(text, 'base64url'))).data
  } catch {
    return undefined
  }
}

const flaw = (words: string): OperationProcessingError =>
  new OperationProcessingError(`ID token: ${words}`, { code: JWT_CLAIM_COMPARISON })
