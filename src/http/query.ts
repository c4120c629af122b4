import type { z } from 'zod'
import { AuthError, type FieldError } from '../errors.js'
import { trusted } from '../lib/trusted.js'
import { fieldErrors, nameOf, reporting } from './field-errors.js'

/** Far more than any route asks for. */
const mostCharacters = 2048

/** The query as the route wants it. @throws AuthError `invalid_query` with one entry per parameter */
export const readQuery = <Query>(
  schema: z.ZodType<Query> | undefined,
  text: string,
  most = mostCharacters,
): Query => {
  if (schema === undefined) return trusted<Query>(undefined)
  const { parameters, faults } = parametersOf(text, most)
  const result = schema.safeParse(parameters, reporting)
  if (result.success && faults.length === 0) return result.data
  throw new AuthError('invalid_query', {
    fields: fieldErrors('query', faults, result.error?.issues ?? []),
  })
}

/** One query means one thing, or it is refused: what two parsers could read differently is a fault. */
export const parametersOf = (
  text: string,
  most: number,
): { parameters: object; faults: readonly FieldError[] } => {
  const parameters = new Map<string, string>()
  const faults: FieldError[] = []
  if (text.length > most) {
    return { parameters: {}, faults: [{ field: 'query', ...tooLong(most) }] }
  }
  for (const part of text === '' ? [] : text.split('&')) {
    const [name, value] = partsOf(part)
    if (!name || value === undefined) faults.push({ field: 'query', ...malformed })
    else if (parameters.has(name)) faults.push({ field: nameOf(name), ...repeated })
    else parameters.set(name, value)
  }
  return { parameters: Object.fromEntries(parameters), faults }
}

/** As forms write it (URL standard, application/x-www-form-urlencoded), but nothing is guessed. */
const partsOf = (part: string): (string | undefined)[] => {
  const [name = '', ...rest] = part.split('=')
  return [name, rest.length === 1 ? rest[0] : undefined].map(decoded)
}

const decoded = (text: string | undefined): string | undefined => {
  try {
    return text && decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const malformed = { code: 'malformed', detail: 'Parameters are written as name=value&name=value.' }
const repeated = { code: 'repeated', detail: 'This parameter may be given once.' }
const tooLong = (most: number) => ({ code: 'too_long', detail: `At most ${most} characters.` })
