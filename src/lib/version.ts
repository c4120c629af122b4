import { readFileSync } from 'node:fs'
import { trusted } from './trusted.js'

/** The version of this package. */
export const version: string = trusted<{ version: string }>(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
).version
