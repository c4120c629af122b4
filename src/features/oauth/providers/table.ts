import { google } from './google.js'
import type { Provider } from './provider.js'

/** The providers that are known by name. A new one is a file beside this one and a line here. */
export const knownProviders = { google } as const satisfies Readonly<Record<string, Provider>>
