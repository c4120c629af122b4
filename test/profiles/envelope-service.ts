import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import { ask, type Heard, type Said } from './client.js'

/** The envelope service as its operators have it, on SQL Server where there is one, and a client of it. */
const secret = '3d8fb1a07c52e94610bd77f2a9c4e5086b1f90d3a7e24c58'
export const password = 'a'

/** @param more further lines of its settings file */
export const startEnvelope = async (more: readonly string[] = []) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-envelope-'))
  const onSqlServer = isReachable('mssql')
    ? settingsOf(new URL(await (await openService('mssql')).fresh({ keep: true })))
    : []
  // the file that the service had, and one line more
  const lines = [
    `SECRET_KEY=${secret}`,
    'ALGORITHM=HS256',
    'ACCESS_TOKEN_EXPIRE_MINUTES=30',
    'REFRESH_TOKEN_EXPIRE_DAYS=7',
    ...onSqlServer,
    'FRONTEND_URL=http://localhost:5173',
    'ENVIRONMENT=development',
    ...more,
  ]
  writeFileSync(join(folder, '.env'), ['AUTH_PROFILE=envelope', ...lines, ''].join('\n'))
  const server = await startServer({ folder })
  const say = (what: string, said?: Said): Promise<Heard> => ask(server.origin, what, said)
  let count = 0

  const newAddress = (): string => {
    count += 1
    return `someone${count}@example.com`
  }

  const register = (email: string, username = 'testuser'): Promise<Heard> =>
    say('POST /auth/register', { json: { email, username, password } })

  return {
    origin: server.origin,
    say,
    newAddress,
    register,
    /** Signed in: the answer, the access token, and the cookie as a browser sends it. */
    signIn: async (email = newAddress()) => {
      await register(email)
      const answer = await say('POST /auth/login', { json: { email, password } })
      const token = String(answer.json.data.access_token)
      return { answer, email, token, cookie: cookieIn(answer) }
    },
    stop: async (): Promise<void> => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type EnvelopeService = Awaited<ReturnType<typeof startEnvelope>>

export const cookieIn = ({ cookies }: Heard): string => cookies[0]?.split(';')[0] ?? ''

const settingsOf = ({ hostname, port, pathname, username, password }: URL): string[] => [
  `DB_SERVER=${hostname},${port || '1433'}`,
  `DB_DATABASE=${pathname.slice(1)}`,
  `DB_USERNAME=${decodeURIComponent(username)}`,
  `DB_PASSWORD=${decodeURIComponent(password)}`,
]
