import { randomInt } from 'node:crypto'
import { text as readAll } from 'node:stream/consumers'
import { CliError } from './cli-error.js'

/** Where a new password comes from: made here, read from the standard input, or asked for twice. */
export type PasswordOptions = { passwordStdin?: boolean; generate?: boolean }

export type NewPassword = { password: string; isGenerated: boolean }

/** @throws CliError when there is no way to learn one */
export const newPassword = async ({
  passwordStdin = false,
  generate = false,
}: PasswordOptions): Promise<NewPassword> => {
  if (passwordStdin && generate)
    throw wrong('Choose one of --password-stdin and --generate, not both')
  if (generate) return { password: generatePassword(), isGenerated: true }
  return { password: passwordStdin ? await fromStdin() : await ask(), isGenerated: false }
}

/** Words, as people copy them, and no signs that look alike: about 115 bits. */
export const generatePassword = (): string => {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const group = (): string =>
    Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
  const password = [group(), group(), group(), group()].join('-')
  const hasAllClasses = [/[a-z]/, /[A-Z]/, /\d/].every((pattern) => pattern.test(password))
  return hasAllClasses ? password : generatePassword()
}

/** Whether there is somebody to ask. */
export const isInteractive = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks on the standard error, so that the standard output stays clean. @throws CliError when cancelled */
export const askFor = async (message: string): Promise<string> => {
  const { text } = await import('@clack/prompts')
  return answered(await text({ message, output: process.stderr }))
}

const fromStdin = async (): Promise<string> => {
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw wrong('The standard input is empty: no password was read')
  return password
}

const ask = async (): Promise<string> => {
  if (!isInteractive())
    throw wrong(
      'There is no terminal to ask for the password. Use --password-stdin, or --generate to have one made',
    )
  const { password } = await import('@clack/prompts')
  const first = answered(await password({ message: 'New password', output: process.stderr }))
  const again = answered(await password({ message: 'Once more', output: process.stderr }))
  if (first !== again) throw wrong('The two passwords differ; nothing was changed')
  return first
}

/** clack answers with a symbol when the person pressed Ctrl+C. */
const answered = (answer: string | symbol | undefined): string => {
  if (typeof answer === 'symbol')
    throw new CliError('failed', 'cancelled', 'Cancelled; nothing was changed')
  return answer ?? ''
}

const wrong = (message: string): CliError => new CliError('wrong', 'wrong_arguments', message)
