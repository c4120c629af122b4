import { createHmac, type KeyObject, verify } from 'node:crypto'
import { decodeBase64Url, equalBytes } from '../../lib/bytes.js'
import { toleranceSeconds } from './claims.js'
import type { CompactToken } from './compact-token.js'

/**
 * Whether this key signed the token with this algorithm and no other (RFC 7515 §5.2, RFC 7518 §3.2 and §3.4, RFC 8725 §3.1).
 * It takes what `readCompactToken` let through, so nothing is parsed here. docs/decisions/0029-checking-tokens-here.md
 */
export const isSignedBy = (
  token: string,
  { algorithm: named }: Pick<CompactToken, 'algorithm'>,
  { algorithm, key }: { algorithm: string; key: KeyObject },
): boolean => {
  const end = token.lastIndexOf('.')
  const signature = decodeBase64Url(token.slice(end + 1))
  if (named !== algorithm || signature === undefined) return false
  const content = Buffer.from(token.slice(0, end))
  if (algorithm === 'HS256')
    return equalBytes(signature, createHmac('sha256', key).update(content).digest())
  return (
    algorithm === 'ES256' &&
    signature.length === 64 &&
    verify('sha256', content, { key, dsaEncoding: 'ieee-p1363' }, signature)
  )
}

/** Whether the token may be believed already (RFC 7519 §4.1.5). Without `nbf` it may. */
export const hasBegun = ({ nbf }: { nbf?: unknown }, nowSeconds: number): boolean =>
  nbf === undefined || (typeof nbf === 'number' && nbf <= nowSeconds + toleranceSeconds)
