import { readFileSync } from 'node:fs'
import type { Mistake } from '../errors.js'
import { isOfKubernetes } from './env.js'
import { type Layer, type Origin, textOf } from './layers.js'

/** A setting as somebody wrote it. `name` is what they called it: PORT, --port, PORT_FILE. */
export type Given = { name: string; text: string; origin: Origin; layer: Layer }

/** What a layer says of one variable, itself or in the file it names. */
export const lookUp = (
  layer: Layer,
  { variable, secret }: { variable: string; secret: boolean },
  mistakes: Mistake[],
): Given | undefined => {
  const { origin, variables } = layer
  const written = textOf(variables[variable])
  const direct = written && isOfKubernetes(variable, written) ? undefined : written
  const file = secret ? textOf(variables[`${variable}_FILE`]) : undefined
  if (direct !== undefined && file !== undefined)
    mistakes.push({ option: variable, detail: `is set twice: remove it or ${variable}_FILE` })
  if (direct !== undefined) {
    const name = origin === 'command line' ? `--${variable.toLowerCase()}` : variable
    return { name, text: direct, origin, layer }
  }
  if (file === undefined) return undefined
  const text = readSecretFile(file, `${variable}_FILE`, mistakes)
  return text === undefined ? undefined : { name: `${variable}_FILE`, text, origin, layer }
}

/** NAME_FILE names a file that holds the value, as container platforms hand over secrets. */
const readSecretFile = (file: string, name: string, mistakes: Mistake[]): string | undefined => {
  try {
    const text = textOf(readFileSync(file, 'utf8'))
    if (text === undefined) mistakes.push({ option: name, detail: `the file ${file} is empty` })
    return text
  } catch {
    mistakes.push({ option: name, detail: `the file ${file} cannot be read` })
    return undefined
  }
}
