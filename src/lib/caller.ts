/** Who is asking, as far as the connection tells: kept with sessions and events. */
export type Caller = {
  /** IP address of the client, in any spelling; undefined when nobody could tell. */
  address?: string | undefined
  userAgent?: string | undefined
  /** The token of a known device, as it came with the request and not yet believed: `device` of an earlier grant. */
  device?: string | undefined
  /** Ties answers, events and log lines of one request together. */
  requestId?: string | undefined
  /** Who acts when it is not the account itself, for example 'cli'. */
  actor?: string | undefined
}

const longestUserAgent = 256
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/** A User-Agent header made safe to keep: one line, bounded, without control characters. */
export const cleanUserAgent = (header: string | undefined): string | undefined => {
  const line = header?.replace(unsafe, ' ')
  if (line === undefined || line.length <= longestUserAgent) return line
  return [...line].slice(0, longestUserAgent).join('')
}
