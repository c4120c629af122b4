/** Everything that may stand in a log line beside its sentence. What is not on this list is not written. */
export const logFields = [
  // of events
  ...([
    'event',
    'outcome',
    'subject_id',
    'session_id',
    'address',
    'removed',
    'checkpoint',
    'provider',
  ] as const),
  // of requests
  ...(['request_id', 'method', 'route', 'status', 'code', 'reason', 'err'] as const),
  // of the server
  ...(['warning', 'url', 'port', 'base_url', 'try_it', 'docs', 'redoc', 'health', 'jwks'] as const),
  ...([
    'store',
    'secret_file',
    'demo_providers',
    'profile',
    'version',
    'clock_skew_seconds',
  ] as const),
  ...(['turned_away', 'max_connections', 'line', 'most'] as const),
  ...(['worker', 'workers', 'pid', 'exit_code', 'signal'] as const),
] as const

export type LogFields = { readonly [Field in (typeof logFields)[number]]?: unknown }

/** The part of a logger that latchkey uses; pino fits, and so does console. */
export type Log = {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

const nothing = (): void => {}

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
