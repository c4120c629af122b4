import { howToMakeASecret } from '../lib/secret-strength.js'
import { isDialect, type ServerSettings } from './env.js'
import { isOnServer, isProduction, keyFileOfServers, secretFileIn } from './root-secret-file.js'
import type { WarningRule } from './warning-rule.js'

/** What is kept where, and which secret stands on what. */
export const secretWarnings: readonly WarningRule[] = [
  {
    warning: 'memory_store',
    about: 'store',
    detail: ({ databaseUrl }) =>
      databaseUrl === 'memory'
        ? 'everything is kept in memory: accounts, sessions and keys are gone when this process ends'
        : undefined,
    remedy: 'Set DATABASE_URL to keep them, such as sqlite:./data/latchkey.db',
  },
  {
    warning: 'secret_in_file',
    about: 'secrets',
    detail: (settings) => {
      const file = secretFileIn(settings)
      return isProduction(settings) && file !== undefined
        ? `the root secret lies in ${file}, beside the database`
        : undefined
    },
    remedy: 'Set LATCHKEY_SECRET, or keep a copy of the file apart from copies of the database',
  },
  {
    warning: 'secret_of_one_machine',
    about: 'secrets',
    detail: (settings) =>
      secretFileIn(settings) === keyFileOfServers && isOnServer(settings)
        ? `the root secret was made here and lies in ${keyFileOfServers}: a second instance elsewhere cannot open the keys`
        : undefined,
    remedy: 'Set LATCHKEY_SECRET to the same value for all',
  },
  {
    warning: 'shared_signing_secret',
    about: 'secrets',
    detail: ({ auth }) =>
      auth.tokens?.secret === undefined || isDialect(auth)
        ? undefined
        : 'access tokens are signed with HS256: the JWKS is empty, and every service that checks tokens needs JWT_SECRET_KEY and could make tokens too',
    remedy: 'Remove JWT_SECRET_KEY to use ES256, if all services that check tokens can',
  },
  {
    warning: 'derived_root_secret',
    about: 'secrets',
    detail: (settings) =>
      settings.assumed?.includes('root_secret')
        ? `the root secret is derived from ${tokenSecretOf(settings)}, which every service that checks tokens knows: each of them could make refresh tokens, too, and another ${tokenSecretOf(settings)} signs everybody out`
        : undefined,
    remedy: `Set LATCHKEY_SECRET, the same for all instances; people sign in again once. ${howToMakeASecret}`,
  },
  {
    warning: 'sample_password',
    about: 'secrets',
    detail: (settings) => {
      const variable = isProduction(settings) && variableWithSamplePassword(settings)
      return variable
        ? `${settings.writtenAs?.[variable] ?? variable} holds a password that stands in every example`
        : undefined
    },
    remedy: (settings) => {
      const variable = variableWithSamplePassword(settings) ?? ''
      return `Give that user another password on the server, and set ${settings.writtenAs?.[variable] ?? variable} to match`
    },
  },
]

const tokenSecretOf = ({ writtenAs }: ServerSettings): string =>
  writtenAs?.JWT_SECRET_KEY ?? 'JWT_SECRET_KEY'

const samplePasswords = new Set(
  'password passw0rd postgres mysql mongo redis root admin secret latchkey changeme change-me change_me example test pass 123456 12345678'.split(
    ' ',
  ),
)

type Urls = { databaseUrl: string; redisUrl?: string | undefined }

const variableWithSamplePassword = ({ databaseUrl, redisUrl = '' }: Urls): string | undefined =>
  hasSamplePassword(databaseUrl)
    ? 'DATABASE_URL'
    : hasSamplePassword(redisUrl)
      ? 'REDIS_URL'
      : undefined

/** Read off the text: the addresses of replica sets are no URLs for others. */
const hasSamplePassword = (url: string): boolean => {
  const [, password] = /^[a-z+0-9]+:\/\/[^/@]*?:([^@/]*)@/.exec(url) ?? []
  return password !== undefined && samplePasswords.has(password.toLowerCase())
}
