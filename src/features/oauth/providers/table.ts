import type { z } from 'zod'
import { apple } from './apple.js'
import { discord } from './discord.js'
import { facebook } from './facebook.js'
import { github } from './github.js'
import { gitlab } from './gitlab.js'
import { google } from './google.js'
import { linkedin } from './linkedin.js'
import { microsoft } from './microsoft.js'
import type { Provider } from './provider.js'

/** A provider, or, where an operator has to say more of it, what that is and the provider that comes of it. */
export type Entry = Provider | z.ZodType<Provider>

/** The providers that are known by name. A new one is a file beside this one and a line here. */
export const knownProviders: Readonly<Record<string, Entry>> = {
  google,
  facebook,
  github,
  microsoft,
  apple,
  gitlab,
  discord,
  linkedin,
}
