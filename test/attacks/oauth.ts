import { afterAll } from 'vitest'
import type { AuthOptions } from '../../src/options.js'
import { type Answer, startTarget } from './target.js'

/** A server with two services that may ask it about tokens. */
export const billing = { id: 'billing', secret: 'u3Rk8vTq1Zx6Lw9PbN4yHc7FmJ2sGdEa' }
export const reports = { id: 're.po~rts', secret: 'Vw5:Jt/0+Qe%2 Lp8Xn=Ym3&Ks9Zb6Rd' }

type Client = { id: string; secret: string }
export type Door = '/oauth/introspect' | '/oauth/revoke'
export type Form = Readonly<Record<string, string>>

export const basic = ({ id, secret }: Client): string => {
  const [one, two] = [id, secret].map((half) => new URLSearchParams({ half }).toString().slice(5))
  return `Basic ${Buffer.from(`${one}:${two}`).toString('base64')}`
}

export const openForClients = async (options: Partial<AuthOptions> = {}) => {
  const target = await startTarget({ clients: [billing, reports], ...options })
  afterAll(() => target.close())

  const send = (
    path: string,
    form: Form | string,
    headers: readonly string[] = [],
  ): Promise<Answer> =>
    target.ask('POST', path, {
      headers: ['Content-Type', 'application/x-www-form-urlencoded', ...headers],
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    })
  const ask = (door: Door, token: string, more: Form = {}): Promise<Answer> =>
    send(door, { token, ...more }, ['Authorization', basic(billing)])

  return { target, send, ask }
}
