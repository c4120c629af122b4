import type { DialectSettings, Making, Texts } from '../dialect.js'
import { faults, hostFault, missing, portFault, urlOf } from './addresses.js'

/** The cookie service: PostgreSQL in five settings. Its lifetimes and the place of its Redis stood in its code. */
const databaseUrl = (given: Texts): Making | undefined => {
  const { DB_USER, DB_PASSWORD, DB_HOST = 'localhost', DB_PORT, DB_NAME } = given
  if (names.every((name) => given[name] === undefined)) return undefined
  const mistakes = [
    ...missing(given, ['DB_USER', 'DB_NAME'], 'with the others that begin with DB_'),
    ...faults({ DB_HOST: hostFault(DB_HOST), DB_PORT: portFault(DB_PORT) }),
  ]
  if (mistakes.length > 0 || DB_NAME === undefined) return { mistakes }
  const place = { user: DB_USER, password: DB_PASSWORD, host: DB_HOST, port: DB_PORT }
  return { text: urlOf({ scheme: 'postgres', ...place, database: DB_NAME }) }
}

const names = ['DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_PORT', 'DB_NAME']

export const cookieSettings: DialectSettings = {
  names: { JWT_KEY: 'JWT_SECRET_KEY' },
  made: [{ variable: 'DATABASE_URL', of: names, make: databaseUrl }],
  defaults: {},
  samples: [...names, 'JWT_KEY'],
  signatures: [{ all: ['JWT_KEY', 'DB_NAME'] }, { all: ['JWT_KEY', 'DB_USER'] }],
}
