import type { Ground } from './ground.js'
import { ask } from './places.js'

/** While the work runs, the database refuses every event. */
export const withoutEvents = async (
  { name, databaseUrl }: Ground,
  work: () => Promise<void>,
): Promise<void> => {
  const words = refusals[name]
  if (words === undefined) throw new Error(`Nobody knows how to keep events out of ${name}`)
  const run = async (statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await ask(words.base, databaseUrl, statement)
  }
  await run(words.begin)
  try {
    await work()
  } finally {
    await run(words.end)
  }
}

type Refusal = { base: Parameters<typeof ask>[0]; begin: string[]; end: string[] }

const refusals: Partial<Record<Ground['name'], Refusal>> = {
  sqlite: {
    base: 'sqlite',
    begin: [
      `create trigger no_events before insert on latchkey_events
       begin select raise(abort, 'no events today'); end`,
    ],
    end: ['drop trigger no_events'],
  },
  postgres: {
    base: 'postgres',
    begin: [`alter table latchkey_events add constraint no_events check (type = 'none') not valid`],
    end: ['alter table latchkey_events drop constraint no_events'],
  },
  mysql: {
    base: 'mysql',
    begin: [
      `create trigger no_events before insert on latchkey_events for each row
       signal sqlstate '45000' set message_text = 'no events today'`,
    ],
    end: ['drop trigger no_events'],
  },
}
