import { AuthError, ConfigurationError, catalogue } from '../../errors.js'
import { processEnvironment } from '../env.js'
import { nameVariables } from '../settings.js'
import { CliError } from './cli-error.js'
import { exitCodes } from './exit-codes.js'
import { painter } from './output.js'
import { systemSentence } from './system-errors.js'

/** What went wrong, for people and for programs. Never holds a secret: none of our errors does. */
type Explanation = {
  exitCode: number
  code: string
  detail: string
  /** Single points, each under its name. */
  points?: readonly { name: string; detail: string }[]
  hint?: string
}

/** Says what went wrong and sets the exit code. */
export const explain = (error: unknown, { json }: { json: boolean }): void => {
  const explanation = explanationOf(error)
  process.exitCode = explanation.exitCode
  if (json)
    process.stdout.write(`${JSON.stringify({ error: forPrograms(explanation) }, null, 2)}\n`)
  else process.stderr.write(`${forPeople(explanation)}\n`)
  if (isDebugging() && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}

const explanationOf = (error: unknown): Explanation => {
  if (error instanceof ConfigurationError) {
    return {
      exitCode: exitCodes.wrong,
      code: 'wrong_settings',
      detail: 'These settings need mending:',
      points: nameVariables(error.mistakes).map(({ option, detail }) => ({ name: option, detail })),
    }
  }
  if (error instanceof AuthError) return refusal(error)
  if (error instanceof CliError)
    return { exitCode: exitCodes[error.kind], code: error.code, detail: error.message }
  const sentence = systemSentence(error)
  if (sentence !== undefined)
    return { exitCode: exitCodes.failed, code: 'failed', detail: sentence }
  return {
    exitCode: exitCodes.failed,
    code: 'unexpected',
    detail: `Something unexpected happened: ${error instanceof Error ? error.message : 'unknown'}`,
    hint: isDebugging() ? '' : 'LOG_LEVEL=debug shows where.',
  }
}

const refusal = ({ code, status, message, fields }: AuthError): Explanation => ({
  exitCode: refusalExitCode(code, status),
  code,
  detail: code === 'invalid_body' ? 'This cannot be used:' : message,
  points: fields.map(({ field, detail }) => ({ name: field, detail })),
  ...(helps(code, status) && { hint: catalogue[code].help }),
})

/** Most pages of refusals speak to whoever wrote the HTTP client. */
const helps = (code: string, status: number): boolean =>
  status >= 500 || code === 'account_not_found'

const refusalExitCode = (code: string, status: number): number => {
  if (status >= 500) return exitCodes.failed
  return code === 'invalid_body' ? exitCodes.wrong : exitCodes.refused
}

const forPrograms = ({ code, detail, points = [], hint }: Explanation): object => ({
  code,
  detail,
  ...(points.length > 0 && { points }),
  ...(hint && { hint }),
})

const forPeople = ({ detail, points = [], hint }: Explanation): string => {
  const paint = painter(process.stderr)
  return [
    `${paint('red', 'latchkey:')} ${detail}`,
    ...points.map((point) => `  ${paint('bold', point.name)}: ${point.detail}`),
    ...(hint ? [hint] : []),
  ].join('\n')
}

const isDebugging = (): boolean => processEnvironment().LOG_LEVEL === 'debug'
