import type { RecordedEvent } from '../../features/events/store.js'
import { addSeconds, systemClock } from '../../lib/clock.js'
import { parseDuration } from '../../lib/duration.js'
import { CliError } from './cli-error.js'

/** Which events somebody wants to see. */
export type FilterOptions = { since?: string; until?: string; subject?: string; type?: string }

/** @throws CliError when an instant is none */
export const filterOf = ({ since, until, type }: FilterOptions) => {
  const from = since === undefined ? undefined : instantOf('--since', since)
  const to = until === undefined ? undefined : instantOf('--until', until)
  return (event: RecordedEvent): boolean =>
    (from === undefined || event.at >= from) &&
    (to === undefined || event.at < to) &&
    (type === undefined || event.type === type || event.type.startsWith(`${type}.`))
}

/** 2026-01-31, 2026-01-31T12:00:00Z, or 30d for so long ago. @throws CliError */
export const instantOf = (option: string, text: string): Date => {
  const seconds = parseDuration(text)
  if (seconds !== undefined) return addSeconds(systemClock(), -seconds)
  const instant = new Date(isoForm.test(text) ? text : Number.NaN)
  if (!Number.isNaN(instant.getTime())) return instant
  const detail = `${option} must be a day such as 2026-01-31, an instant such as 2026-01-31T12:00:00Z, or how long ago, such as 30d`
  throw new CliError('wrong', 'wrong_arguments', detail)
}

const isoForm = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/
