import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import { ask, type Heard, type Said } from './client.js'

/** The envelope service as its operators have it, on SQL Server where there is one, and a client of it. */
const secret = '3d8fb1a07c52e94610bd77f2a9c4e5086b1f90d3a7e24c58'
export const password = 'a'

export const startEnvelope = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-envelope-'))
  const onSqlServer = isReachable('mssql')
    ? [`DATABASE_URL=${await (await openService('mssql')).fresh({ keep: true })}`]
    : []
  const lines = [`JWT_SECRET_KEY=${secret}`, 'ALLOWED_ORIGINS=http://localhost:3000']
  writeFileSync(
    join(folder, '.env'),
    ['AUTH_PROFILE=envelope', ...lines, ...onSqlServer, ''].join('\n'),
  )
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
