import type { z } from 'zod'
import { AuthError, type FieldError } from '../errors.js'
import { trusted } from '../lib/trusted.js'

type BodySchema<Body> = { body?: z.ZodType<Body>; bodyOptional?: boolean }

/** The body as the route wants it. @throws AuthError `invalid_body` with one entry per field */
export const readBody = async <Body>(
  { body: schema, bodyOptional = false }: BodySchema<Body>,
  read: () => Promise<unknown>,
): Promise<Body> => {
  if (schema === undefined) return trusted<Body>(undefined)
  const sent = await read()
  const result = schema.safeParse(sent === undefined && bodyOptional ? {} : sent, reporting)
  if (result.success) return result.data
  throw new AuthError('invalid_body', { fields: fieldErrors(result.error.issues) })
}

/** With the input a missing member can be told from one of the wrong type. */
const reporting = { reportInput: true }

/** Names, codes and sentences, and never the value: it may be a password. */
const fieldErrors = (issues: readonly z.core.$ZodIssue[]): FieldError[] => {
  const entries = issues.flatMap(entriesOf)
  return entries.filter(
    ({ field }, index) => entries.findIndex((other) => other.field === field) === index,
  )
}

const entriesOf = (issue: z.core.$ZodIssue): FieldError[] => {
  const field = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, mostUnknown).map((key) => ({
      field: field ? `${field}.${nameOf(key)}` : nameOf(key),
      code: 'unknown_field',
      detail: 'This member is not known here.',
    }))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && field) {
    return [{ field, code: 'required', detail: 'This field is required.' }]
  }
  return [{ field: field || 'body', ...reasonOf(issue) }]
}

const mostUnknown = 20

/** Member names come from strangers: bounded, and on one line. */
const nameOf = (key: string): string => key.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')

const reasonOf = (issue: z.core.$ZodIssue): Omit<FieldError, 'field'> => {
  if (issue.code === 'invalid_type') {
    return { code: 'invalid_type', detail: `This must be ${article(issue.expected)}.` }
  }
  if (issue.code === 'too_big')
    return { code: 'too_long', detail: `At most ${issue.maximum} characters.` }
  if (issue.code === 'too_small')
    return { code: 'too_short', detail: `At least ${issue.minimum} characters.` }
  if (issue.code === 'custom') {
    return { code: String(issue.params?.code ?? 'invalid'), detail: issue.message }
  }
  return { code: 'invalid', detail: 'This value is not accepted.' }
}

const article = (kind: string): string => (/^[aeio]/.test(kind) ? `an ${kind}` : `a ${kind}`)
