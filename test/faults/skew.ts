/** Settings of a server whose clock is off. Where the database has a clock, the server will follow that. */
export const skewed = (seconds: number): Record<string, string> => ({
  NODE_OPTIONS: `--import ${new URL('./skew.mjs', import.meta.url).href}`,
  SKEW_MILLISECONDS: String(seconds * 1000),
})

/** Settings of a server for which so much time has gone by, also where the clock of the database says otherwise. */
export const later = (seconds: number): Record<string, string> => ({
  ...skewed(seconds),
  CLOCK_SOURCE: 'machine',
})
