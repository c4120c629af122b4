import { styleText } from 'node:util'

/** Output: tables and sentences for people, one JSON document for programs, colour for terminals only. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export type Output = {
  json: boolean
  /** What was asked for. With --json `data` is printed, else the text. */
  result(data: object, text: () => string): void
  /** Colours for the standard output. */
  paint: (style: Style, text: string) => string
  /** Says on a terminal what is being waited for. */
  waiting<Result>(title: string, work: () => Promise<Result>): Promise<Result>
  /** Counts on a terminal what is done. */
  counting<Result>(
    title: string,
    work: (onProgress: (count: number) => void) => Promise<Result>,
  ): Promise<Result>
}

export const createOutput = ({ json }: { json: boolean }): Output => ({
  json,
  result: (data, text) => {
    process.stdout.write(`${json ? JSON.stringify(data, null, 2) : text()}\n`)
  },
  paint: painter(process.stdout),
  waiting: (title, work) => (process.stderr.isTTY ? showWaiting(title, work) : work()),
  counting: (title, work) =>
    process.stderr.isTTY ? showCounting(title, work) : work(() => undefined),
})

/** styleText itself honours NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
export const painter =
  (stream: NodeJS.WriteStream) =>
  (style: Style, text: string): string =>
    styleText(style, text, { stream })

/** Columns under their titles; nothing is padded behind the last one. */
export const table = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Output['paint'],
): string => {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [paint('dim', line(titles)), ...rows.map(line)].join('\n')
}

/** 2026-11-21 13:40 UTC: times for people, without the part nobody reads. */
export const timeText = (instant: Date): string =>
  `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`

const patienceMilliseconds = 200

const showWaiting = async <Result>(title: string, work: () => Promise<Result>): Promise<Result> => {
  const timer = setTimeout(() => process.stderr.write(`${title} …`), patienceMilliseconds)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
    process.stderr.write('\r\x1b[2K')
  }
}

const showCounting = async <Result>(
  title: string,
  work: (onProgress: (count: number) => void) => Promise<Result>,
): Promise<Result> => {
  let shownAt = 0
  const show = (count: number): void => {
    if (performance.now() - shownAt < patienceMilliseconds) return
    shownAt = performance.now()
    process.stderr.write(`\r${count} ${title} …`)
  }
  try {
    return await work(show)
  } finally {
    process.stderr.write('\r\x1b[2K')
  }
}
