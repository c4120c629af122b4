import type { Report } from '../doctor/check.js'
import { examine } from '../doctor/doctor.js'
import { exitCodes } from './exit-codes.js'
import type { Output, Style } from './output.js'
import type { Verb } from './verb.js'

/** latchkey doctor */
export const doctor: Verb = async ({ envFile, output }) => {
  const checks = await output.waiting('looking around', () => examine(envFile))
  const problems = checks.filter(({ status }) => status === 'problem').length
  output.result({ ok: problems === 0, checks }, () => reportText(checks, output.paint))
  if (problems > 0) process.exitCode = exitCodes.problems
}

const marks = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  problem: ['red', '✗'],
} as const satisfies Record<Report['status'], readonly [Style, string]>

const reportText = (checks: readonly Report[], paint: Output['paint']): string => {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const count = (status: Report['status']): number =>
    checks.filter((check) => check.status === status).length
  const lines = checks.flatMap((check) => {
    const [style, mark] = marks[check.status]
    const line = `${paint(style, mark)} ${check.name.padEnd(width)}  ${check.detail}`
    return check.status === 'ok'
      ? [line]
      : [line, `  ${' '.repeat(width)}  ${paint('bold', '→')} ${check.remedy}`]
  })
  const sum = `${plural(count('problem'), 'problem')}, ${plural(count('warning'), 'warning')}`
  return [...lines, '', sum].join('\n')
}

const plural = (count: number, word: string): string =>
  `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`
