import { CliError } from './cli-error.js'
import type { Verb } from './verb.js'
import { operator, withAuth } from './with-auth.js'

type Options = { all?: true }

/** latchkey locks clear */
export const locksClear: Verb<Options> = async (task) => {
  const { words, options, output } = task
  const [of] = words
  if ((of === undefined) !== (options.all === true)) {
    throw new CliError('wrong', 'wrong_arguments', 'Name an account or an address, or give --all')
  }
  await withAuth(task, async (auth) => {
    const cleared = await auth.locks.clear(of ?? { all: true }, operator)
    output.result({ cleared }, () => `${output.paint('green', '✓')} ${sentence(cleared)}`)
  })
}

const sentence = (cleared: number): string =>
  cleared === 0 ? 'There was nothing to clear' : 'The failed logins are forgotten'
