import { type Logger, type LoggerOptions, pino } from 'pino'
import type { Log } from '../lib/log.js'
import { safeText } from '../lib/safe-text.js'
import type { ServerSettings } from './env.js'
import { safeFields } from './log-fields.js'

/**
 * Structured logs: one JSON object a line, or for eyes on a terminal. Only fields of the list are written, and nothing in
 * them can start a line, colour a terminal or be of any length (S-50).
 *
 * @param destination where lines go instead of to the standard output
 */
export const createLog = async (
  { logLevel, logFormat, worker }: Pick<ServerSettings, 'logLevel' | 'logFormat' | 'worker'>,
  destination: NodeJS.WritableStream = process.stdout,
): Promise<Log> => {
  const options: LoggerOptions<never> = {
    level: logLevel,
    base: worker === undefined ? null : { worker: worker.number },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => error },
  }
  if (logFormat === 'json') {
    const isStandard = destination === process.stdout
    return safe(isStandard ? pino(options) : pino(options, destination))
  }
  const { default: pretty } = await import('pino-pretty')
  const format = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true }
  return safe(pino(options, pretty({ ...format, sync: true, destination })))
}

const longestMessage = 2000

const safe = (logger: Logger<never>): Log => {
  const write =
    (level: keyof Log): Log[keyof Log] =>
    (fields, message) => {
      if (logger.isLevelEnabled(level))
        logger[level](safeFields(fields), safeText(message, longestMessage))
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
}
