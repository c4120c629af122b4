import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** The built command as people run it: a process of its own, in a folder of its own, with no settings but these. */
export const main = fileURLToPath(new URL('../../dist/server/cli/main.js', import.meta.url))

export type Ran = { code: number | null; stdout: string; stderr: string }
export type Variables = Readonly<Record<string, string>>

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'latchkey-cli-'))

export const environment = (variables: Variables): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  ...variables,
})

/** Starts it; `words` may begin with options of Node. */
export const start = (folder: string, words: readonly string[], variables: Variables = {}) => {
  const options = words.filter((word) => word.startsWith('--import='))
  const rest = words.filter((word) => !word.startsWith('--import='))
  return spawn(process.execPath, [...options, main, ...rest], {
    cwd: folder,
    env: environment(variables),
    stdio: 'pipe',
  })
}

export const run = async (
  folder: string,
  words: readonly string[],
  { input = '', ...variables }: Variables = {},
): Promise<Ran> => {
  const child = start(folder, words, variables)
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, stdout, stderr }
}

/** What a program reads: the code and the one document. */
export const runJson = async (
  folder: string,
  words: readonly string[],
  variables: Variables = {},
) => {
  const { code, stdout, stderr } = await run(folder, [...words, '--json'], variables)
  return { code, stderr, json: JSON.parse(stdout) }
}
