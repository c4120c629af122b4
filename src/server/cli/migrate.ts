import { openStore } from '../server.js'
import type { Verb } from './verb.js'
import { lastingSettings } from './with-auth.js'

/** latchkey migrate */
export const migrate: Verb = async ({ envFile, output }) => {
  const store = openStore(lastingSettings({ envFile }))
  try {
    const applied = await output.waiting('bringing the database up to date', () => store.migrate())
    output.result({ applied }, () =>
      applied.length === 0
        ? 'Nothing to do: the database is up to date.'
        : ['The database is up to date. These ran:', ...applied.map((name) => `  ${name}`)].join(
            '\n',
          ),
    )
  } finally {
    await store.close()
  }
}
