import { expect } from 'vitest'
import { type Example, startExample } from '../hosts/examples.js'
import { startServer, type TestServer } from '../servers.js'
import { isReachable, openService } from '../services/services.js'
import { type Answer, type Client, createClient, newAddress, text } from './plain-client.js'

/** The cookie service, where it can be on PostgreSQL and Redis, and an app in front of the same users. */
export const secret = 'tR5vYb8NqXc2LkZ9WmPs4HdJfGu1EoA7iTe3QyVx6K'
export const password = 'secret'
export const names = { first_name: 'Grace', last_name: 'Hopper' }

const settings = {
  AUTH_PROFILE: 'cookie',
  JWT_KEY: secret,
  LATCHKEY_SECRET: 'b4Nq8XvTz0LkYc7WmR2sHdPfGp1JuEo9iAt3ZyVxQ6',
}

/** In the words of the service, whose Redis had no name. */
const places = async (): Promise<Record<string, string>> => ({
  ...(isReachable('postgres') && partsOf(await fresh('postgres'))),
  ...(isReachable('redis') && { REDIS_URL: await fresh('redis'), SESSION_STORE: 'redis' }),
})

const fresh = async (kind: 'postgres' | 'redis'): Promise<string> =>
  (await openService(kind)).fresh({ keep: true })

const partsOf = (url: string): Record<string, string> => {
  const { username, password, hostname, port, pathname } = new URL(url)
  return {
    DB_USER: decodeURIComponent(username),
    DB_PASSWORD: decodeURIComponent(password),
    DB_HOST: hostname,
    DB_PORT: port || '5432',
    DB_NAME: pathname.slice(1),
  }
}

export type CookieService = { client: Client; env: Record<string, string>; server: TestServer }

export const startCookie = async (): Promise<CookieService> => {
  const env = { ...settings, ...(await places()) }
  const server = await startServer({ env })
  return { server, env, client: createClient(server.origin) }
}

/** The app of examples/topics-cookie, beside the service. */
export const startTopics = ({ env, server }: CookieService): Promise<Example> => {
  const database = env.DB_NAME ? {} : { DATABASE_URL: `sqlite:${server.folder}/data/latchkey.db` }
  // vitest has a BASE_URL of its own
  return startExample('topics-cookie', { BASE_URL: '', ...database, ...env })
}

/** The one cookie that was set: its value, and everything else in order. */
export const cookieOf = ({ headers }: Answer): { value: string; attributes: string[] } => {
  const [cookie = '', ...others] = headers['set-cookie'] ?? []
  expect(others).toEqual([])
  const [pair = '', ...attributes] = cookie.split('; ')
  const [name, value = ''] = pair.split('=')
  expect(name).toBe('refresh_token')
  return { value, attributes }
}

export const registerWith = async (client: Client, email = newAddress()): Promise<string> => {
  const answer = await client.post('/auth/register', { email, password, ...names })
  expect(answer.status).toBe(200)
  return email
}

export const signInWith = async (client: Client, email: string) => {
  const answer = await client.post('/auth/login', { email, password })
  const { value } = cookieOf(answer)
  return { access: text(answer.body, 'access_token'), cookie: { cookie: `refresh_token=${value}` } }
}
