import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startServer, type TestServer } from '../servers.js'
import { type Client, createClient, newAddress, text } from './plain-client.js'

/** The strict service: a server on the settings file that it had, and the word that says which one it is. */
export const secret = 'm2VqT9xLr7cKpZ0wYb4NfHs8JdGu1EaQi6RoXv3tBzA'
export const refreshSecret = 'Wd7nPq2Rk9sUvX1yZ4bC6eFgHjL0mTtAaYoIx8K3iNs'
export const password = 'SecurePass123!'

const settingsFile = `AUTH_PROFILE=strict
JWT_SECRET_KEY=${secret}
JWT_REFRESH_SECRET_KEY=${refreshSecret}
`

/** As many as it allowed. */
export const manyRequests = { RATE_LIMIT_REQUESTS: '100', RATE_LIMIT_WINDOW: '1' }

export type StrictService = { server: TestServer; client: Client; stop(): Promise<void> }

export const startStrict = async (env: Record<string, string>): Promise<StrictService> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-strict-'))
  await writeFile(join(folder, '.env'), settingsFile)
  const server = await startServer({ folder, env })
  const stop = async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { server, client: createClient(server.origin), stop }
}

/** Somebody new, with both tokens. */
export const registerWith = async (client: Client, email = newAddress()) => {
  const { body } = await client.post('/auth/register', { email, password })
  return { email, access: text(body, 'access_token'), refresh: text(body, 'refresh_token') }
}

export const pair = {
  access_token: expect.any(String),
  refresh_token: expect.any(String),
  token_type: 'bearer',
}
