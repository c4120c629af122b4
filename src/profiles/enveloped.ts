import { z } from 'zod'
import { systemClock } from '../lib/clock.js'

/** The unified envelope: every answer says by itself whether it is a success, and when it was given. */
const common = {
  status_code: z.int().describe('As the HTTP status, unless the contract says otherwise'),
  message: z.string().describe('A sentence for people'),
  timestamp: z.iso.datetime(),
}

export const envelopeSchema = (data: z.ZodType) =>
  z.object({ success: z.literal(true), ...common, data })

export const envelopeRefusalSchema = z.object({
  success: z.literal(false),
  ...common,
  error_code: z.string().describe('A stable word for programs'),
  details: z.record(z.string(), z.unknown()),
  data: z.null(),
})

export const enveloped = (
  status: number,
  message: string,
  data: unknown,
): z.infer<ReturnType<typeof envelopeSchema>> => ({
  success: true,
  status_code: status,
  message,
  data,
  timestamp: systemClock().toISOString(),
})

type Refused = {
  status: number
  message: string
  code: string
  details: Readonly<Record<string, unknown>>
}

export const envelopedRefusal = ({
  status,
  message,
  code,
  details,
}: Refused): z.infer<typeof envelopeRefusalSchema> => ({
  success: false,
  status_code: status,
  message,
  error_code: code,
  details: { ...details },
  data: null,
  timestamp: systemClock().toISOString(),
})
