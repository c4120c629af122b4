import { z } from 'zod'
import type { AuthError } from '../errors.js'
import type { Refusal, Refused, Wire } from '../profiles/dialect.js'
import { enveloped, envelopedRefusal, envelopeSchema } from '../profiles/enveloped.js'
import { shapeSchemas } from '../profiles/native.js'
import type { Presented, ShapeName } from '../profiles/presenters.js'
import { challengeOf } from './problem.js'
import type { Route } from './route.js'
import { serviceSchemas } from './service-schemas.js'

/**
 * The native API in the unified envelope. What has a form of its own stays as it is: keys, documents and pages, the
 * routes of RFC 7662 and RFC 7009, and those of the host.
 */
export const inEnvelope = (routes: readonly Route[]): Route[] =>
  routes.map((route) =>
    bare.includes(route.success.shape) || route.tag === 'Host' ? route : wrapped(route),
  )

/** Documents, and answers without any body: a browser only follows them. */
const bare: readonly ShapeName[] = ['Raw', 'Onward']

const wrapped = (route: Route): Route => {
  const { status: native, shape } = route.success
  const status = native === 204 ? 200 : native
  return {
    ...route,
    success: { status, shape },
    answerSchema: envelopeSchema(dataSchema(route)),
    answer: async (visit, presenters) => inside(await route.answer(visit, presenters), status),
  }
}

const dataSchema = ({ success: { shape }, path, answerSchema }: Route): z.ZodType =>
  answerSchema ??
  new Map(Object.entries(shapeSchemas)).get(shape) ??
  serviceSchemas[path] ??
  z.null()

/** A report of what is wrong is a refusal here, and stands in its details. */
const inside = (presented: Presented, usual: number): Presented => {
  if ('raw' in presented) return presented
  const { body = null, status = usual } = presented
  if (status < 400) return { ...presented, status, body: enveloped(status, sentence(status), body) }
  const details = typeof body === 'object' ? { ...body } : {}
  const message = 'Something is wrong; the details say what.'
  return {
    ...presented,
    status,
    body: envelopedRefusal({ status, message, code: 'HEALTH_CHECK_FAILED', details }),
  }
}

const sentences: Readonly<Record<number, string>> = { 201: 'Created', 202: 'Accepted' }
const sentence = (status: number): string => sentences[status] ?? 'Operation successful'

/** Its code in upper case; what a problem says besides is in the details. */
const refuseInEnvelope = (error: AuthError, { requestId, help }: Refused): Refusal => ({
  status: error.status,
  body: envelopedRefusal({
    status: error.status,
    message: error.message,
    code: error.code.toUpperCase(),
    details: {
      type: help,
      request_id: requestId,
      ...(error.provider !== undefined && { provider: error.provider }),
      ...(error.fields.length > 0 && { errors: error.fields }),
    },
  }),
  ...(error.status === 401 && { headers: ['www-authenticate', challengeOf(error)] }),
})

/** Who words refusals, where they are not problem details. */
export const refuserOf = (
  wire: Wire | undefined,
  responseFormat: 'bare' | 'envelope',
): Wire['refuse'] | undefined =>
  wire?.refuse ?? (responseFormat === 'envelope' ? refuseInEnvelope : undefined)
