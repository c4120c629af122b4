import type { Ground } from './ground.js'
import { ask, places } from './places.js'

/** Makes the schema as it was when there was one migration, from what `migrate --sql` prints for it. */
export const runFirstMigration = async ({ name, look, databaseUrl }: Ground): Promise<void> => {
  const { base } = places[name]
  if (base === 'mongodb') throw new Error('There is one migration only')
  const script = await look.with(({ migrationScript }) => migrationScript())
  const [, first = ''] = script.split(/^-- \d.*\n/m)
  const statements = first.split(/;\n/).filter((text) => text.trim() !== '')
  for (const statement of statements) await ask(base, databaseUrl, statement)
}
