import type { z } from 'zod'
import type { FieldError } from '../errors.js'

/** What is wrong with what was sent: names, codes and sentences, and never the value. It may be a password. */
type Part = 'body' | 'query'

/**
 * With the input a missing member can be told from one of the wrong type. zod sets `async` on a copy of this: were it not
 * here, each copy would have a hidden class of its own (docs/performance.md).
 */
export const reporting = { reportInput: true, async: false }

/** One entry per field: the first that is said of it. */
export const fieldErrors = (
  part: Part,
  faults: readonly FieldError[],
  issues: readonly z.core.$ZodIssue[],
): FieldError[] => {
  const entries = [...faults, ...issues.flatMap((issue) => entriesOf(part, issue))]
  return entries.filter(
    ({ field }, index) => entries.findIndex((other) => other.field === field) === index,
  )
}

const entriesOf = (part: Part, issue: z.core.$ZodIssue): FieldError[] => {
  const field = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, mostUnknown)
      .map((key) => unknownField(part, key, field ? `${field}.` : ''))
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && field) {
    return [{ field, code: 'required', detail: 'This field is required.' }]
  }
  return [{ field: field || part, ...reasonOf(issue) }]
}

const mostUnknown = 20

const known = { body: 'member', query: 'parameter' } as const

const unknownField = (part: Part, key: string, before = ''): FieldError => ({
  field: `${before}${nameOf(key)}`,
  code: 'unknown_field',
  detail: `This ${known[part]} is not known here.`,
})

/** Names come from strangers: bounded, and on one line. */
export const nameOf = (key: string): string => key.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')

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
