import type { z } from 'zod'
import { AuthError } from '../errors.js'
import { trusted } from '../lib/trusted.js'
import { fieldErrors, reporting } from './field-errors.js'

type BodySchema<Body> = {
  body?: z.ZodType<Body>
  bodyOptional?: boolean
  encoding?: 'json' | 'form' | 'lenient'
}

/**
 * The body as the route wants it.
 *
 * @throws AuthError `invalid_body` with one entry per field, `malformed_request` for a form (RFC 6749 §5.2 knows only that)
 */
export const readBody = async <Body>(
  { body: schema, bodyOptional = false, encoding = 'json' }: BodySchema<Body>,
  read: () => Promise<unknown>,
): Promise<Body> => {
  if (schema === undefined) return trusted<Body>(undefined)
  const sent = await read()
  const result = schema.safeParse(sent === undefined && bodyOptional ? {} : sent, reporting)
  if (result.success) return result.data
  const fields = fieldErrors('body', [], result.error.issues)
  throw new AuthError(encoding === 'form' ? 'malformed_request' : 'invalid_body', { fields })
}
