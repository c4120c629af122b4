/** Lengths of time as people write them: '10s', '15m', '12h', '7d'. */
const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** A length in whole seconds, or undefined when the text is not a duration. */
export const parseDuration = (text: string): number | undefined => {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const factor = unit === undefined ? undefined : secondsPerUnit[unit]
  return factor === undefined ? undefined : Number(amount) * factor
}
