import type { DialectSettings, Making, Texts } from '../dialect.js'
import { missing } from './addresses.js'

/** The flat service: MongoDB, with the name of the database apart. */
const databaseUrl = ({ MONGO_URI, MONGO_DB_NAME }: Texts): Making | undefined => {
  if (MONGO_URI === undefined && MONGO_DB_NAME === undefined) return undefined
  if (MONGO_URI === undefined)
    return { mistakes: missing({}, ['MONGO_URI'], 'with MONGO_DB_NAME: it says where that is') }
  const { groups } = form.exec(MONGO_URI) ?? {}
  if (groups === undefined) {
    const detail = 'must be a MongoDB URI: mongodb:// or mongodb+srv://, and what follows'
    return { mistakes: [{ option: 'MONGO_URI', detail }] }
  }
  const { server = '', database = '', query = '' } = groups
  if (MONGO_DB_NAME === undefined) {
    if (database !== '') return { text: MONGO_URI }
    const mistakes = missing({}, ['MONGO_DB_NAME'], 'with MONGO_URI, which names no database')
    return { mistakes }
  }
  return { text: `${server}/${encodeURIComponent(MONGO_DB_NAME)}${where(server, database, query)}` }
}

const form = /^(?<server>mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/(?<database>[^?]*))?(?<query>\?.*)?$/s

/** Users are looked up in the database of the URI, or in admin: a name put there later must not change that. */
const where = (server: string, database: string, query: string): string => {
  const isSaid = !server.includes('@') || /[?&]auth(?:Source|Mechanism)=/i.test(query)
  if (isSaid) return query
  const source = `authSource=${database || 'admin'}`
  return query.length > 1 ? `${query}&${source}` : `?${source}`
}

export const flatSettings: DialectSettings = {
  names: {},
  made: [{ variable: 'DATABASE_URL', of: ['MONGO_URI', 'MONGO_DB_NAME'], make: databaseUrl }],
  defaults: { PORT: '5000' },
  samples: ['CHANGE_ME', 'replace_with_a_strong_secret'],
  signatures: [{ all: ['MONGO_URI', 'MONGO_DB_NAME'] }, { all: ['MONGO_URI', 'JWT_SECRET_KEY'] }],
}
