/** Instants, lengths and devices in words a person would use. */

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** Instants without an offset are UTC: some dialects write them so. */
export const instantOf = (text) => new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)

export const clockTime = (date) => time.format(date)

export const momentOf = (date) => moment.format(date)

/** `12:05`, minutes and seconds; rounded up so that zero means over. */
export const minutesAndSeconds = (seconds) => {
  const whole = Math.max(0, Math.ceil(seconds))
  const pad = (number) => String(number).padStart(2, '0')
  return `${pad(Math.floor(whole / 60))}:${pad(whole % 60)}`
}

/** `3 minutes ago`, `in 7 days`. */
export const fromNow = (date) => {
  const seconds = (date.getTime() - Date.now()) / 1000
  const size = Math.abs(seconds)
  if (size < 45) return seconds > 0 ? 'in a moment' : 'just now'
  if (size < 3570) return relative.format(Math.round(seconds / 60), 'minute')
  if (size < 84_600) return relative.format(Math.round(seconds / 3600), 'hour')
  return relative.format(Math.round(seconds / 86_400), 'day')
}

/** `2 d 4 h`, `3 min 12 s`: the two largest units. */
export const lengthOf = (seconds) => {
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', Math.floor(seconds) % 60],
  ]
  const first = units.findIndex(([, count]) => count > 0)
  if (first < 0) return '0 s'
  return units
    .slice(first, first + 2)
    .map(([unit, count]) => `${count} ${unit}`)
    .join(' ')
}

const browsers = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(Headless)?Chrom(e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** `Firefox on Linux`; a program's own name when it is no browser; never more than a guess. */
export const deviceOf = (userAgent) => {
  if (!userAgent) return 'Unknown device'
  const find = (table) => table.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = find(browsers)
  if (!browser) return userAgent.split(' ')[0].slice(0, 40)
  const system = find(systems)
  return system ? `${browser} on ${system}` : browser
}
