import { secretFileOf, sqliteFile } from '../stores/sql/sqlite/files.js'
import type { Store } from '../stores/store.js'
import type { ServerSettings } from './env.js'

/** What whoever starts the server should know: allowed, and with a price. */
export type BootWarning = { warning: string; sentence: string }

export const bootWarnings = (settings: ServerSettings): BootWarning[] =>
  rules.flatMap(({ warning, applies, sentence }) =>
    applies(settings) ? [{ warning, sentence: sentence(settings) }] : [],
  )

/** What the places say of themselves, once they are in use. */
export const storeWarnings = async ({
  concerns,
}: Pick<Store, 'concerns'>): Promise<BootWarning[]> =>
  (await concerns()).map(({ concern, remedy }) => ({
    warning: 'store',
    sentence: `${concern}. ${remedy}`,
  }))

/** The file that holds the root secret, where there is one. */
export const secretFileIn = (settings: ServerSettings): string | undefined => {
  const { auth, databaseUrl } = settings
  if (auth.secret !== undefined || databaseUrl === 'memory') return undefined
  const file = sqliteFile(databaseUrl)
  if (file !== undefined) return secretFileOf(file)
  return isProduction(settings) ? undefined : keyFileOfServers
}

/** Where the root secret lies in development when the database is on a server, which must not hold it. */
export const keyFileOfServers = './data/latchkey.key'

type Rule = {
  warning: string
  applies(settings: ServerSettings): boolean
  sentence(settings: ServerSettings): string
}

export const isOnServer = ({ databaseUrl }: ServerSettings): boolean =>
  databaseUrl !== 'memory' && sqliteFile(databaseUrl) === undefined

const isProduction = ({ environment }: ServerSettings): boolean => environment === 'production'

const rules: readonly Rule[] = [
  {
    warning: 'memory_store',
    applies: ({ databaseUrl }) => databaseUrl === 'memory',
    sentence: () =>
      'everything is kept in memory: accounts, sessions and keys are gone when this process ends. Set DATABASE_URL to keep them',
  },
  {
    warning: 'secret_in_file',
    applies: (settings) => isProduction(settings) && secretFileIn(settings) !== undefined,
    sentence: (settings) =>
      `the root secret lies in ${secretFileIn(settings)}, beside the database. Set LATCHKEY_SECRET, or keep a copy of the file apart from copies of the database`,
  },
  {
    warning: 'secret_of_one_machine',
    applies: (settings) => secretFileIn(settings) === keyFileOfServers && isOnServer(settings),
    sentence: () =>
      `the root secret was made here and lies in ${keyFileOfServers}: a second instance elsewhere cannot open the keys. Set LATCHKEY_SECRET to the same value for all`,
  },
  {
    warning: 'shared_signing_secret',
    applies: ({ auth }) => auth.tokens?.secret !== undefined,
    sentence: () =>
      'access tokens are signed with HS256: the JWKS is empty, and every service that checks tokens needs JWT_SECRET_KEY and could make tokens too. Without JWT_SECRET_KEY, ES256 is used',
  },
  {
    warning: 'insecure_cookies',
    applies: ({ auth }) => auth.http?.allowInsecureCookies === true,
    sentence: () =>
      'ALLOW_INSECURE_COOKIES is on: over plain http the refresh cookie can be read on the way. Use https and remove it',
  },
  {
    warning: 'no_grace',
    applies: ({ auth }) => auth.sessions?.grace === '0s',
    sentence: () =>
      'REFRESH_TOKEN_GRACE_SECONDS is 0: a client whose answer is lost, or two tabs at once, are signed out',
  },
  {
    warning: 'docs_in_production',
    applies: (settings) => isProduction(settings) && settings.docs,
    sentence: () =>
      'DOCS is on in production: anybody can open /docs, /redoc and /test-login. Remove it to close them',
  },
]
