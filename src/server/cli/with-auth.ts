import type { Auth } from '../../auth.js'
import type { Caller } from '../../lib/caller.js'
import { silentLog } from '../../lib/log.js'
import type { ServerSettings } from '../env.js'
import { openAuth } from '../server.js'
import { readSettings } from '../settings.js'
import { CliError } from './cli-error.js'
import type { Task } from './verb.js'

/** Whoever sits at the command line, in the trail of events. */
export const operator: Caller = { actor: 'cli' }

/** Settings of a store that outlives this process. @throws ConfigurationError, CliError */
export const lastingSettings = ({ envFile }: Pick<Task, 'envFile'>): ServerSettings => {
  const settings = readSettings({ envFile })
  if (settings.databaseUrl === 'memory') {
    throw new CliError(
      'wrong',
      'memory_store',
      'DATABASE_URL is memory: what a server keeps there cannot be reached from outside. Set it to sqlite: and a path',
    )
  }
  return settings
}

/** Opens what the settings name, does the work, and closes it again whatever happens. */
export const withAuth = async (
  { envFile, output }: Task,
  work: (auth: Auth) => Promise<void>,
): Promise<void> => {
  const settings = lastingSettings({ envFile })
  const auth = await output.waiting('opening the database', () => openAuth(settings, silentLog))
  try {
    await work(auth)
  } finally {
    await auth.close()
  }
}
