import { clockFault, clockRemedy, widestSkew } from '../http/clock-watch.js'
import { isTooMuch } from '../lib/clock-skew.js'
import type { Store } from '../stores/store.js'
import { browserWarnings } from './browser-warnings.js'
import type { ServerSettings } from './env.js'
import { legacyWarnings } from './legacy-warnings.js'
import { limitWarnings } from './limit-warnings.js'
import { providerWarnings } from './provider-warnings.js'
import { secretWarnings } from './secret-warnings.js'
import type { Subject, WarningRule } from './warning-rule.js'

/** What whoever starts the server should know: allowed, and with a price. */
export type BootWarning = {
  /** A stable word for programs. */
  warning: string
  /** The check of doctor that says it too. */
  about: Subject
  detail: string
  /** Says exactly what to do. */
  remedy: string
}

export const bootWarnings = (settings: ServerSettings): BootWarning[] =>
  rules.flatMap(({ warning, about, detail, remedy }) => {
    const found = detail(settings)
    if (found === undefined) return []
    const what = typeof remedy === 'string' ? remedy : remedy(settings)
    return [{ warning, about, detail: found, remedy: what }]
  })

/** What the places say of themselves, once they are in use. */
export const storeWarnings = async ({
  concerns,
}: Pick<Store, 'concerns'>): Promise<BootWarning[]> =>
  (await concerns()).map(({ concern, remedy }) => ({
    warning: 'store',
    about: 'store',
    detail: concern,
    remedy,
  }))

/** How far our clock is from theirs, when that is too far. */
export const clockWarnings = async ({ places }: Pick<Store, 'places'>): Promise<BootWarning[]> => {
  const skew = await widestSkew(places)
  return skew !== undefined && isTooMuch(skew)
    ? [
        {
          warning: 'clock_skew',
          about: 'clock',
          detail: clockFault(skew.seconds),
          remedy: clockRemedy,
        },
      ]
    : []
}

export const sentenceOf = ({ detail, remedy }: BootWarning): string => `${detail}. ${remedy}`

const rules: readonly WarningRule[] = [
  ...secretWarnings,
  ...browserWarnings,
  ...limitWarnings,
  ...providerWarnings,
  ...legacyWarnings,
]
