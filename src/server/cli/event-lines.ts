import type { RecordedEvent } from '../../features/events/store.js'
import { safeText } from '../../lib/safe-text.js'

/** Events for programs and for people. */
const columns = {
  sequence: ({ sequence }) => sequence,
  id: ({ id }) => id,
  type: ({ type }) => type,
  at: ({ at }) => instantText(at),
  outcome: ({ outcome }) => outcome,
  actor_id: ({ actorId }) => actorId,
  subject_id: ({ subjectId }) => subjectId,
  session_id: ({ sessionId }) => sessionId,
  address: ({ address }) => address,
  user_agent: ({ userAgent }) => userAgent,
  request_id: ({ requestId }) => requestId,
  details: ({ details }) => details,
  chain: ({ chain }) => chain,
  number: ({ number }) => number,
  mac: ({ mac }) => mac,
} as const satisfies Record<string, (event: RecordedEvent) => unknown>

/** With all that a verifier needs: chain, number and mac. */
export const eventJson = (event: RecordedEvent): object =>
  Object.fromEntries(Object.entries(columns).map(([name, read]) => [name, read(event)]))

export const csvTitles = Object.keys(columns).join(',')

export const csvLine = (event: RecordedEvent): string =>
  Object.values(columns)
    .map((read) => csvCell(read(event)))
    .join(',')

/**
 * A cell as RFC 4180 has it. Spreadsheets run what begins like a formula, so an apostrophe stands before that (S-56).
 */
export const csvCell = (value: unknown): string => {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const plain = formula.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: spreadsheets skip them
const formula = /^[\s\x00-\x1f]*[=+\-@\t\r\n\x00|%＝＋－＠]/

/** One line for eyes on a terminal; what stands in an event may come from anybody. */
export const eventLine = (event: RecordedEvent): string => {
  const { type, outcome, subjectId, actorId, address, details } = event
  const facts = Object.entries({ subject: subjectId, actor: actorId, address, ...details })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${safeText(name, 64)}=${safeText(String(value), 200)}`)
  const failed = outcome === 'failure' ? ' (failed)' : ''
  return `${instantText(event.at)}  ${safeText(String(type), 64)}${failed}  ${facts.join('  ')}`
}

/** Somebody may have written into the column of the instant. */
const instantText = (instant: Date): string =>
  Number.isNaN(instant.getTime()) ? 'unreadable' : instant.toISOString()
