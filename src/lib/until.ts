const day = /^\d{4}-\d{2}-\d{2}$/
const instantPattern =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/
const dayMilliseconds = 86_400_000

/**
 * The first instant that is too late: of a day, the end of it in UTC; of an instant (ISO 8601, with its zone), itself.
 * Undefined when the text is neither.
 */
export const parseUntil = (text: string): Date | undefined => {
  const isDay = day.test(text)
  if (!isDay && !instantPattern.test(text)) return undefined
  const start = new Date(isDay ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(start.getTime()) || !isInCalendar(text.slice(0, 10))) return undefined
  return isDay ? new Date(start.getTime() + dayMilliseconds) : start
}

/** JavaScript takes the 30th of February for a day of March. */
const isInCalendar = (text: string): boolean => {
  const start = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(start.getTime()) && start.toISOString().slice(0, 10) === text
}
