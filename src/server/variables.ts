import type { Mistake } from '../errors.js'
import type { Dialect } from '../profiles/dialect.js'
import { gatherItsVariables } from './dialect-variables.js'
import { settingsTable } from './env.js'
import { readLayers, type SettingsSource } from './layers.js'
import { type Given, lookUp } from './look-up.js'
import { openIdRowsFor } from './provider-rows.js'
import { type Idle, idleNames, strangeNames } from './strange-names.js'
import { whichProfile } from './which-profile.js'

export type { Origin, SettingsSource, Variables } from './layers.js'
export type { Given } from './look-up.js'

/** Everything that is set, and what it is to be read as. */
export type Gathered = {
  dialect: Dialect
  /** By our names; empty texts count as not set. */
  given: ReadonlyMap<string, Given>
  /** Our names → what this profile takes where nothing is said. */
  defaults: ReadonlyMap<string, string>
  /** Names that are accepted and do nothing. */
  idle: readonly Idle[]
  /** The files that were read. */
  files: readonly string[]
}

export const gatherVariables = (source: SettingsSource, mistakes: Mistake[]): Gathered => {
  const choice = whichProfile(readLayers(source, mistakes))
  const { dialect, layers, mistake } = choice
  const files = layers.flatMap(({ file = [] }) => file)
  // what else is wrong can be said when it is known whose settings they are
  if (mistake !== undefined) {
    mistakes.push(mistake)
    return { dialect, given: new Map(), defaults: new Map(), idle: [], files }
  }
  mistakes.push(...strangeNames(choice))
  const ours = new Map<string, Given>()
  const written = layers.flatMap(({ variables }) => Object.keys(variables))
  for (const { variable, secret = false } of [...settingsTable, ...openIdRowsFor(written)]) {
    for (const layer of layers) {
      const found = lookUp(layer, { variable, secret }, mistakes)
      if (found === undefined) continue
      ours.set(variable, found)
      break
    }
  }
  const its = gatherItsVariables(layers, dialect, { ours, mistakes })
  return {
    dialect,
    given: new Map([...its.given, ...ours]),
    defaults: new Map([...Object.entries(dialect.settings.defaults), ...its.defaults]),
    idle: idleNames(choice),
    files,
  }
}
