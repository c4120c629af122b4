import { z } from 'zod'
import { catalogue } from '../errors.js'
import { envelopeRefusalSchema } from '../profiles/enveloped.js'
import { type Components, jsonSchema } from './openapi-schemas.js'

/** What refusals look like, by the name they have in OpenAPI documents. */
const dialectSchemas = {
  /** As FastAPI's exceptions are sent. */
  HTTPError: z.object({ detail: z.string().describe('A sentence for people') }),
  /** As FastAPI's own document names it. */
  HTTPValidationError: z.object({
    detail: z.array(
      z.object({
        type: z.string().describe('A stable word for programs'),
        loc: z.array(z.union([z.string(), z.int()])).describe('Where: `body`, then the field'),
        msg: z.string().describe('A sentence for people'),
      }),
    ),
  }),
  ErrorEnvelope: envelopeRefusalSchema,
  /** A failure in the shape of a success. */
  FailureEnvelope: envelopeRefusalSchema.omit({ error_code: true, details: true }),
}

/** The one that this body is of; a body that is of none is anything. */
export const refusalSchemaOf = (body: unknown, components: Components): object => {
  if (typeof body === 'string') return { type: 'string' }
  const found = Object.entries(dialectSchemas).find(([, schema]) => schema.safeParse(body).success)
  return found ? components.refer(found[0], jsonSchema(found[1])) : {}
}

/** What a refusal of a dialect says to people. */
export const sentenceOf = (body: unknown): string | undefined => {
  if (typeof body === 'string') return body
  const { detail, details, message } = members.safeParse(body).data ?? {}
  if (Array.isArray(detail)) return 'The body is not right; each entry says where and why.'
  return [detail, details?.detail, message].find((each) => typeof each === 'string')
}

const members = z.object({
  detail: z.unknown().optional(),
  details: z.object({ detail: z.string() }).optional().catch(undefined),
  message: z.unknown().optional(),
})

export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'A page that explains the code' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'A sentence for people' },
    code: {
      type: 'string',
      enum: Object.keys(catalogue),
      description: 'A stable word for programs',
    },
    request_id: { type: 'string' },
    provider: { type: 'string', description: 'Name of the login provider that this is about' },
    error: { type: 'string', description: 'Under /oauth: the word of RFC 6749 §5.2' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'detail'],
        properties: {
          field: { type: 'string' },
          code: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
}
