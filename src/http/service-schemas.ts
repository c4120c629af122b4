import { z } from 'zod'

/** The shapes of answers that are the same in every dialect, by path; for the OpenAPI document. */
const status = z.enum(['healthy', 'unhealthy'])
const uptime = z.int().describe('Seconds since the start')

export const serviceSchemas: Readonly<Record<string, z.ZodType>> = {
  '/': z.object({
    name: z.string(),
    version: z.string(),
    links: z.record(z.string(), z.string()),
  }),
  '/health': z.object({
    status,
    database: z.enum(['connected', 'unavailable']),
    stores: z.record(z.string(), z.enum(['connected', 'unavailable'])),
    version: z.string(),
    uptime_seconds: uptime,
  }),
  '/health/live': z.object({ status, version: z.string(), uptime_seconds: uptime }),
  '/health/ready': z.object({
    status,
    database: z.boolean(),
    stores: z.record(z.string(), z.boolean()),
    migrations: z.boolean(),
    keys: z.boolean(),
    accepting: z.boolean().describe('false when it is about to end'),
    clock_skew_seconds: z
      .int()
      .optional()
      .describe('How far the clock here is ahead of that of the store, where that has one'),
    warnings: z.array(z.enum(['clock_skew'])).describe('What works and needs a look'),
    version: z.string(),
  }),
  '/oauth/introspect': z.object({
    active: z.boolean().describe('When false, there are no other members'),
    token_type: z.enum(['Bearer', 'refresh_token']).optional(),
    client_id: z.string().optional(),
    username: z.string().optional(),
    sub: z.string().optional(),
    aud: z.string().optional(),
    iss: z.string().optional(),
    iat: z.int().optional(),
    exp: z.int().optional(),
    sid: z.string().optional().describe('The session, as GET /auth/sessions names it'),
    jti: z.string().optional(),
  }),
  '/oauth/revoke': z.object({}),
  '/.well-known/jwks.json': z.object({
    keys: z.array(
      z.object({
        kty: z.string(),
        kid: z.string(),
        alg: z.string(),
        use: z.literal('sig'),
        crv: z.string(),
        x: z.string(),
        y: z.string(),
      }),
    ),
  }),
}

/** These say with 503 what is wrong, in the same shape. */
export const reportsUnhealthy: ReadonlySet<string> = new Set(['/health', '/health/ready'])
