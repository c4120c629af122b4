import type { DialectSettings, Making, Texts } from '../dialect.js'
import { faults, hostFault, missing, portFault, urlOf } from './addresses.js'

/** The envelope service: SQL Server in four settings, and pages of a frontend that may call. */
const databaseUrl = (given: Texts): Making | undefined => {
  const { DB_SERVER, DB_DATABASE, DB_USERNAME, DB_PASSWORD } = given
  if (names.every((name) => given[name] === undefined)) return undefined
  const { host = '', port, instance } = partsOf(DB_SERVER ?? '')
  const serverFault =
    instance === undefined
      ? (hostFault(host) ?? portFault(port))
      : 'names an instance, which is found by its port only: write host,port'
  const mistakes = [
    ...missing(given, names, 'with the others that begin with DB_'),
    ...(DB_SERVER === undefined ? [] : faults({ DB_SERVER: serverFault })),
  ]
  if (mistakes.length > 0 || DB_DATABASE === undefined) return { mistakes }
  const place = { user: DB_USERNAME, password: DB_PASSWORD, host, port }
  return { text: urlOf({ scheme: 'sqlserver', ...place, database: DB_DATABASE }) }
}

const names = ['DB_SERVER', 'DB_DATABASE', 'DB_USERNAME', 'DB_PASSWORD']

/** As the drivers of SQL Server write it: tcp:host,1433, host:1433, host\instance, and . for this machine. */
const partsOf = (server: string): { host?: string; port?: string; instance?: string } => {
  const { host, instance, port } =
    /^(?:tcp:)?(?<host>[^,:\\]*|\[[^\]]*\])(?:\\(?<instance>[^,]*))?(?:[,:]\s*(?<port>[^,:]*))?$/i.exec(
      server,
    )?.groups ?? {}
  const name = host === '.' || /^\(local\)$/i.test(host ?? '') ? 'localhost' : (host ?? server)
  return {
    host: name,
    ...(port !== undefined && { port }),
    ...(instance !== undefined && port === undefined && { instance }),
  }
}

const allowedOrigins = (
  { FRONTEND_URL = 'http://localhost:3000' }: Texts,
  { isProduction }: { isProduction: boolean },
): Making => {
  const isWeb = URL.canParse(FRONTEND_URL) && /^https?:/i.test(FRONTEND_URL)
  if (!isWeb) {
    const detail = 'must be the address of a page, such as https://app.example.com'
    return { mistakes: [{ option: 'FRONTEND_URL', detail }] }
  }
  const ports = isProduction ? [3000] : [3000, 8080]
  const local = ports.flatMap((port) => [`http://localhost:${port}`, `http://127.0.0.1:${port}`])
  return { text: [...new Set([new URL(FRONTEND_URL).origin, ...local])].join(',') }
}

export const envelopeSettings: DialectSettings = {
  names: { SECRET_KEY: 'JWT_SECRET_KEY', ALGORITHM: 'JWT_ALGORITHM' },
  made: [
    { variable: 'DATABASE_URL', of: names, make: databaseUrl },
    { variable: 'ALLOWED_ORIGINS', of: ['FRONTEND_URL'], make: allowedOrigins },
  ],
  defaults: {},
  // it set no bound
  ranges: { ACCESS_TOKEN_EXPIRE_MINUTES: [1, 1440] },
  samples: [
    'your-secret-key-change-in-production',
    'your-very-long-and-secure-secret-key-minimum-32-characters',
    'your-server.database.windows.net',
    'your-database-name',
    'your-username',
    'your-password',
    'your-secure-database-password',
    'https://your-frontend-domain.com',
  ],
  signatures: [
    { all: ['SECRET_KEY', 'DB_SERVER'] },
    { all: ['SECRET_KEY', 'DB_DATABASE'] },
    { all: ['SECRET_KEY', 'FRONTEND_URL'] },
  ],
}
