import { parseUntil } from '../lib/until.js'
import type { ServerSettings } from './env.js'
import type { WarningRule } from './warning-rule.js'

/** The move from another service: what is open while it lasts, and what is left over. */
export const legacyWarnings: readonly WarningRule[] = [
  {
    warning: 'legacy_tokens',
    about: 'secrets',
    detail: (settings) => {
      const until = untilOf(settings)
      if (until === undefined || until <= new Date()) return undefined
      return `tokens of the service ${serviceOf(settings)} that was replaced are honoured until ${until.toISOString()}: whoever holds a stolen one can trade it`
    },
    remedy:
      'Remove LEGACY_UNTIL once session.traded no longer appears in the trail: latchkey audit tail --type session.traded',
  },
  {
    warning: 'legacy_over',
    about: 'secrets',
    detail: (settings) => {
      const until = untilOf(settings)
      return until !== undefined && until <= new Date()
        ? `LEGACY_UNTIL has passed (${until.toISOString()}): tokens of the service ${serviceOf(settings)} are refused`
        : undefined
    },
    remedy:
      'Remove LEGACY_UNTIL, LEGACY_PROFILE and LEGACY_DATABASE_URL, and shut down what that service kept its tokens in',
  },
]

const untilOf = ({ auth }: ServerSettings): Date | undefined => {
  const until = auth.legacy?.until
  return typeof until === 'string' ? parseUntil(until) : until
}

const serviceOf = ({ auth }: ServerSettings): string => auth.legacy?.profile ?? auth.profile ?? ''
