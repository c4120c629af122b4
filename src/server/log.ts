import { type LoggerOptions, pino, stdSerializers } from 'pino'
import type { Log } from '../lib/log.js'
import type { ServerSettings } from './env.js'

/** Structured logs: one JSON object a line, or for eyes on a terminal. Only fields that are handed over are written. */
export const createLog = async ({ logLevel, logFormat }: ServerSettings): Promise<Log> => {
  const options: LoggerOptions<never> = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  }
  if (logFormat === 'json') return pino(options)
  const { default: pretty } = await import('pino-pretty')
  return pino(
    options,
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }),
  )
}

/** Name, message and stack down the causes; other members of an error may hold what was sent. */
const describeError = (error: unknown): object => {
  if (!(error instanceof Error)) return { type: typeof error }
  const { type, message, stack } = stdSerializers.err(error)
  return { type, message, stack }
}
