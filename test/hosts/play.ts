import type { Auth } from '../../src/auth.js'
import { createTestAuth } from '../../src/testing/test-auth.js'
import { withoutLimits } from '../without-limits.js'
import type { RunningHost } from './hosts.js'
import { client } from './oauth.js'
import { oauth } from './social.js'
import type { Step } from './step.js'
import { type Answer, exchange, headerOf, type WireRequest } from './wire.js'

type Memory = Record<string, string>

/** Each host has an account, a store and a clock of its own, in the same state. */
export const play = async (
  start: (auth: Auth) => Promise<RunningHost>,
  steps: readonly Step[],
): Promise<Answer[]> => {
  const { auth } = await createTestAuth({
    limits: withoutLimits,
    http: { allowedOrigins: ['https://app.example.com'] },
    clients: [client],
    oauth,
  })
  const host = await start(auth)
  const memory: Memory = {}
  const answers: Answer[] = []
  for (const step of steps) {
    const answer = await exchange(host.port, fill(step.request, memory))
    remember(memory, step, answer)
    answers.push(answer)
  }
  await host.close()
  await auth.close()
  return answers
}

const fill = (request: WireRequest, memory: Memory): WireRequest => {
  const put = (text: string) =>
    text.replace(/\{(access|refresh|cookie|session)\}/g, (_, name: string) => memory[name] ?? '')
  return {
    method: request.method,
    path: put(request.path),
    headers: (request.headers ?? []).map(([name, value]) => [name, put(value)] as const),
    body: request.body === undefined ? undefined : put(request.body),
  }
}

const remember = (memory: Memory, { keep = {} }: Step, answer: Answer): void => {
  for (const [name, path] of Object.entries(keep)) memory[name] = memberOf(answer.body, path)
  const [, claims = ''] = (memory.access ?? '').split('.')
  memory.session = memberOf(Buffer.from(claims, 'base64url').toString(), 'sid')
  const [, cookie] = /^refresh_token=([^;]+)/.exec(headerOf(answer, 'set-cookie') ?? '') ?? []
  if (cookie !== undefined) memory.cookie = cookie
}

const memberOf = (body: string, path: string): string => {
  let value: unknown = body.startsWith('{') ? JSON.parse(body) : {}
  for (const key of path.split('.')) value = Object(value)[key]
  return String(value)
}
