import { CommanderError } from 'commander'
import { createProgram } from './program.js'

/** Runs one command line; afterwards `process.exitCode` says how it went. */
export const run = async (words: readonly string[]): Promise<void> => {
  const json = words.includes('--json')
  const program = createProgram()
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((c) => c.commands),
  ]) {
    command.exitOverride().configureOutput({ outputError: () => {} })
  }
  if (words.length === 0) {
    program.outputHelp()
    return
  }
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    const { explain } = await import('./explain.js')
    explain(error instanceof CommanderError ? await wrongArguments(error) : error, { json })
  }
}

const wrongArguments = async ({ code, message }: CommanderError): Promise<Error> => {
  const { CliError } = await import('./cli-error.js')
  return code === 'commander.help'
    ? new CliError('wrong', 'wrong_arguments', 'A command is missing; the list is above')
    : new CliError('wrong', 'wrong_arguments', message.replace(/^error: /, ''))
}
