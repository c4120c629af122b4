/** Settings of a server whose clock is off. */
export const skewed = (seconds: number): Record<string, string> => ({
  NODE_OPTIONS: `--import ${new URL('./skew.mjs', import.meta.url).href}`,
  SKEW_MILLISECONDS: String(seconds * 1000),
})
