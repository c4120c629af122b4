import type { Standing } from '../features/limits/rate-limits.js'

/**
 * What the limits are and how much of them is left, as structured fields (draft-ietf-httpapi-ratelimit-headers-11). There is
 * no partition key: it would tell every reader of a log or a cache what the caller is counted by.
 */
export const rateLimitHeaders = (standings: readonly Standing[]): string[] => {
  if (standings.length === 0) return []
  let [policy, left] = ['', '']
  for (const { name, max, windowSeconds, remaining, resetSeconds } of standings) {
    const comma = policy === '' ? '' : ', '
    policy += `${comma}"${name}";q=${max};w=${windowSeconds}`
    left += `${comma}"${name}";r=${remaining};t=${resetSeconds}`
  }
  return ['ratelimit-policy', policy, 'ratelimit', left]
}
