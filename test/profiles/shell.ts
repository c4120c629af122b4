import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** The commands of a document, as a person copies them out of it. */
const run = promisify(execFile)

export const readDocument = (name: string): string =>
  readFileSync(new URL(`documents/${name}`, import.meta.url), 'utf8')

/** Blocks of code in this language, in their order. */
export const blocksOf = (document: string, language: string): string[] =>
  [...document.matchAll(/^([ \t]*)```(\w*)\n([\s\S]*?)^\1```/gm)]
    .filter(([, , found]) => found === language)
    .map(([, indent = '', , code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))

/** The commands that begin with curl. */
export const curlCommands = (document: string): string[] =>
  blocksOf(document, 'bash')
    .map((block) => block.trim())
    .filter((block) => block.startsWith('curl '))

export const hasCurl = async (): Promise<boolean> =>
  run('curl', ['--version']).then(
    () => true,
    () => false,
  )

type Values = Readonly<Record<string, string>>

/** Runs a command as it stands, but for what is to be filled in. Answers with the status and the body. */
export const runCurl = async (
  command: string,
  filledIn: Values,
): Promise<{ status: number; body: unknown }> => {
  const whole = Object.entries(filledIn).reduce(
    (line, [placeholder, value]) => line.replaceAll(placeholder, value),
    command,
  )
  const mark = '\nstatus:'
  const { stdout } = await run('sh', [
    '-c',
    `${whole} --silent --show-error -w '${mark}%{http_code}'`,
  ])
  const [body = '', status] = stdout.split(mark)
  return { status: Number(status), body: JSON.parse(body) }
}
