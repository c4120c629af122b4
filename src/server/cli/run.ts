import { Command } from 'commander'
import { version } from '../../lib/version.js'

/** The command line. Each verb is a file of its own, loaded when it is asked for. */
export const run = async (words: readonly string[]): Promise<void> => {
  const program = new Command('latchkey')
    .description('Sign-up, login and sessions')
    .version(version)

  program
    .command('serve', { isDefault: true })
    .description('Start the server')
    .option('--port <number>', 'port to listen on')
    .option('--host <address>', 'address to listen on')
    .option('--env-file <file>', 'settings to read instead of .env')
    .action(async (options) => (await import('./serve.js')).serve(options))

  await program.parseAsync(words, { from: 'user' })
}
