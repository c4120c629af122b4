import type { Mistake } from '../errors.js'
import type { Dialect } from '../profiles/dialect.js'
import { dialectOf, dialects } from '../profiles/dialects.js'
import { type Layer, textOf } from './layers.js'

/** Which contract is to be spoken. It is never guessed: settings that look like those of a service stop the start. */
export type Choice = {
  dialect: Dialect
  /** What that profile reads. */
  layers: readonly Layer[]
  /** Whether somebody said so. */
  isSaid: boolean
  mistake?: Mistake
}

export const whichProfile = (layers: readonly Layer[]): Choice => {
  const name = layers.map(saidIn).find((text) => text !== undefined)
  const dialect = dialectOf(name)
  const read = layers.filter(({ profile = dialect.name }) => profile === dialect.name)
  const choice = { dialect, layers: read, isSaid: name !== undefined }
  if (name !== undefined) return choice
  const found = signatureIn(layers)
  return found === undefined ? choice : { ...choice, mistake: foreign(found) }
}

/** A file that only one profile reads can only say that it is that one. */
const saidIn = ({ variables, profile }: Layer): string | undefined => {
  const text = textOf(variables.AUTH_PROFILE)
  return profile === undefined || text === profile ? text : undefined
}

type Found = { dialect: Dialect; names: readonly string[]; files: readonly string[] }

const signatureIn = (layers: readonly Layer[]): Found | undefined => {
  const isSet = (name: string): boolean =>
    layers.some(({ variables }) => textOf(variables[name]) !== undefined)
  for (const dialect of Object.values(dialects)) {
    const signature = dialect.settings.signatures?.find(
      ({ all, without }) => all.every(isSet) && !(without && isSet(without)),
    )
    if (signature === undefined) continue
    const files = layers.flatMap(({ file, variables }) =>
      file !== undefined && signature.all.some((name) => textOf(variables[name])) ? file : [],
    )
    return { dialect, names: signature.all, files }
  }
  return undefined
}

const foreign = ({ dialect: { name }, names, files }: Found): Mistake => {
  const place = files.length === 0 ? 'the environment' : files.join(' and ')
  return {
    option: 'AUTH_PROFILE',
    detail: `is not set, and ${names.join(' and ')} in ${place} are settings of another service. These settings belong to the profile ${name}: set AUTH_PROFILE=${name}, or AUTH_PROFILE=native if they are not meant`,
  }
}
