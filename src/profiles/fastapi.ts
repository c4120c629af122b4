import { z } from 'zod'
import { AuthError, type ErrorCode, type FieldError, type Reason } from '../errors.js'
import { parseEmailAddress } from '../lib/email-address.js'
import type { BodyModel, Refusal, Refused } from './dialect.js'

/**
 * Bodies and refusals as FastAPI and Pydantic 2 word them: `{"detail": "…"}`, and for bodies a list of
 * `{type, loc, msg}`. What was sent is never repeated: it may be a password.
 */
type Check = (value: string) => Omit<FieldError, 'field'> | undefined
export type Field = { checks: readonly Check[]; schema: z.ZodType; isOptional?: true }

type Values = Readonly<Record<string, string | undefined>>

/** A JSON object with these fields; others are ignored. */
export const model = (
  fields: Readonly<Record<string, Field>>,
  toNative: (values: Values) => object,
): BodyModel => ({
  schema: z.object(
    Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
  ),
  read: (sent) => {
    if (sent === undefined || sent === null) throw invalid([{ field: 'body', ...missing }])
    if (typeof sent !== 'object' || Array.isArray(sent))
      throw invalid([{ field: 'body', ...noObject }])
    const members = new Map<string, unknown>(Object.entries(sent))
    const faults: FieldError[] = []
    const values: Record<string, string | undefined> = {}
    for (const [name, field] of Object.entries(fields)) {
      const value = members.get(name)
      const fault = faultOf(field, value)
      if (fault !== undefined) faults.push({ field: name, ...fault })
      else if (typeof value === 'string') values[name] = value
    }
    if (faults.length > 0) throw invalid(faults)
    return toNative(values)
  },
})

const invalid = (fields: readonly FieldError[]): AuthError =>
  new AuthError('invalid_body', { fields })

const faultOf = (
  { checks, isOptional }: Field,
  value: unknown,
): Omit<FieldError, 'field'> | undefined => {
  if (value === undefined) return isOptional ? undefined : missing
  if (value === null && isOptional) return undefined
  if (typeof value !== 'string') return noString
  for (const check of checks) {
    const fault = check(value)
    if (fault !== undefined) return fault
  }
  return undefined
}

const missing = { code: 'missing', detail: 'Field required' }
const noString = { code: 'string_type', detail: 'Input should be a valid string' }
const noObject = {
  code: 'model_attributes_type',
  detail: 'Input should be a valid dictionary or object to extract fields from',
}

export const text = (...checks: readonly Check[]): Field => ({ checks, schema: z.string() })

export const atLeast =
  (least: number): Check =>
  (value) =>
    [...value].length < least
      ? { code: 'string_too_short', detail: `String should have at least ${least} ${signs(least)}` }
      : undefined

export const atMost =
  (most: number): Check =>
  (value) =>
    [...value].length > most
      ? { code: 'string_too_long', detail: `String should have at most ${most} ${signs(most)}` }
      : undefined

const signs = (count: number): string => (count === 1 ? 'character' : 'characters')

/** A validator of the service's own: whatever it says is a value_error. */
export const must =
  (isRight: (value: string) => boolean, sentence: string): Check =>
  (value) =>
    isRight(value) ? undefined : { code: 'value_error', detail: `Value error, ${sentence}` }

export const email = (): Field => ({
  checks: [
    (value) =>
      parseEmailAddress(value, 'kept') === undefined
        ? {
            code: 'value_error',
            detail: 'value is not a valid email address: It is not one that can be used here.',
          }
        : undefined,
  ],
  schema: z.email(),
})

/** A status and a sentence, by code, `code reason`, or `METHOD path code`: the most telling one counts. */
export type Sentences = Readonly<
  Partial<
    Record<
      ErrorCode | `${ErrorCode} ${Reason}` | `${string} ${ErrorCode}`,
      readonly [number, string]
    >
  >
>

/** Refusals of a service on FastAPI. What the table does not know keeps its own status and sentence. */
export const detailRefusals =
  (sentences: Sentences) =>
  (error: AuthError, about: Refused): Refusal => {
    if (error.code === 'malformed_json')
      return { status: 422, body: { detail: [jsonFault(error)] } }
    if (error.code === 'invalid_body') return { status: 422, body: { detail: faultsOf(error) } }
    const [status, detail] = sentenceFor(sentences, error, about)
    return {
      status,
      body: { detail },
      ...(status === 401 && { headers: ['www-authenticate', 'Bearer'] }),
    }
  }

export const sentenceFor = (
  sentences: Sentences,
  { code, reason, status, message }: AuthError,
  { method, path }: Pick<Refused, 'method' | 'path'>,
): readonly [number, string] =>
  sentences[`${method} ${path} ${code}`] ??
  (reason && sentences[`${code} ${reason}`]) ??
  sentences[code] ??
  starlette[code] ?? [status, message]

/** What the framework says by itself. */
const starlette: Sentences = {
  not_found: [404, 'Not Found'],
  method_not_allowed: [405, 'Method Not Allowed'],
  internal_error: [500, 'Internal Server Error'],
}

/** One entry a field. What our own rules find is a value_error to this client. */
export const faultsOf = ({ fields }: AuthError): object[] =>
  fields.map(({ field, code, detail }) => ({
    type: pydanticTypes.has(code) ? code : 'value_error',
    loc: field === 'body' ? ['body'] : ['body', ...field.split('.')],
    msg: pydanticTypes.has(code) ? detail : `Value error, ${detail}`,
  }))

const pydanticTypes = new Set([
  'missing',
  'string_type',
  'string_too_short',
  'string_too_long',
  'value_error',
  'model_attributes_type',
])

/** With the place where reading ended, counted in signs. */
const jsonFault = ({ cause }: AuthError): object => {
  const position = cause instanceof SyntaxError && 'position' in cause ? cause.position : 0
  return { type: 'json_invalid', loc: ['body', position], msg: 'JSON decode error' }
}
