/** What the exit code says; scripts may rely on it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrong: 2,
  refused: 3,
  problems: 4,
  pending: 5,
  tampered: 6,
} as const

export const exitCodeHelp = `Exit codes:
  0  done
  1  failed: the port is taken, the database is away, something unexpected
  2  wrong settings or arguments
  3  refused: the address is taken, there is no such account, ...
  4  doctor found problems; import left rows out
  5  migrate --check found migrations that have not run; import has only looked
  6  audit found that the trail of events was changed

With --json exactly one JSON document goes to the standard output, also for failures:
  { "error": { "code": "...", "detail": "..." } }`
