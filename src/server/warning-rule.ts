import type { ServerSettings } from './env.js'

/** What a warning is about: the check of doctor that says it too. */
export type Subject =
  | 'store'
  | 'clock'
  | 'secrets'
  | 'cookies'
  | 'cors'
  | 'limits'
  | 'proxy'
  | 'providers'
  | 'pages'
  | 'log'

/** One thing that may be set and is better not. A new one is one object more in a list. */
export type WarningRule = {
  warning: string
  about: Subject
  /** What is wrong, with what it is about in it; undefined when nothing is. */
  detail(settings: ServerSettings): string | undefined
  remedy: string | ((settings: ServerSettings) => string)
}
