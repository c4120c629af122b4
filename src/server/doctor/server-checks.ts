import { keyState } from '../../features/tokens/key-states.js'
import { systemClock } from '../../lib/clock.js'
import { version } from '../../lib/version.js'
import { type Check, type Finding, ok, type Patient, problem, warning } from './check.js'

/** The running server, if there is one: whether it is well, and whether it is this one. */
export const serverChecks: readonly Check[] = [
  {
    name: 'server',
    run: async (patient) => {
      const { host, port } = patient.settings
      if (port === 0) return ok('PORT is 0: a free port is taken at each start')
      const url = `http://${localHost(host)}:${port}`
      const health = await ask(`${url}/health`)
      if (health.outcome === 'nobody') return ok(`none runs; port ${port} is free`)
      const fault = strangerAt(url, health)
      return fault ?? (await sameKeys(url, patient)) ?? ok(`runs at ${url}, ${version}, healthy`)
    },
  },
  {
    name: 'public address',
    run: async ({ settings }) => {
      const { baseUrl } = settings.auth
      if (baseUrl === undefined || baseUrl === `http://localhost:${settings.port}`)
        return ok('the local one')
      const health = await ask(`${baseUrl}/health`)
      return health.outcome === 'answer' && health.body.version !== undefined
        ? ok(`${baseUrl} leads here`)
        : warning(
            `nobody answers like latchkey at ${baseUrl}/health`,
            'Start the server, and check the proxy and the name in BASE_URL',
          )
    },
  },
]

type Asked =
  | { outcome: 'nobody' }
  | { outcome: 'stranger' }
  | { outcome: 'answer'; status: number; body: Record<string, unknown> }

const patienceMilliseconds = 3_000

const ask = async (url: string): Promise<Asked> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMilliseconds) })
    const body: unknown = await answer.json().catch(() => undefined)
    return typeof body === 'object' && body !== null
      ? { outcome: 'answer', status: answer.status, body: { ...body } }
      : { outcome: 'stranger' }
  } catch (error) {
    const isRefused = error instanceof TypeError && /ECONNREFUSED/.test(causesOf(error))
    return { outcome: isRefused ? 'nobody' : 'stranger' }
  }
}

const causesOf = ({ cause }: Error): string => {
  if (cause instanceof AggregateError)
    return cause.errors.every((error) => /ECONNREFUSED/.test(String(error))) ? 'ECONNREFUSED' : ''
  return String(cause)
}

const localHost = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** Whoever answers is not latchkey, not this version, or not well. */
const strangerAt = (url: string, asked: Asked): Finding | undefined => {
  if (asked.outcome !== 'answer' || asked.body.version === undefined) {
    return problem(`another program answers at ${url}`, 'Stop it, or choose another port with PORT')
  }
  if (asked.status !== 200)
    return problem(
      `runs at ${url} and is not healthy`,
      `Look at ${url}/health/ready and at its log`,
    )
  if (asked.body.version !== version) {
    return warning(
      `runs at ${url} as ${asked.body.version}, and this is ${version}`,
      'Start it again to run the version that is installed',
    )
  }
  return undefined
}

/** A server publishes the keys of its store; other keys mean another store. Its memory is at most ten seconds old. */
const sameKeys = async (
  url: string,
  { settings, store }: Patient,
): Promise<Finding | undefined> => {
  const jwks = await ask(`${url}/.well-known/jwks.json`)
  const published = jwks.outcome === 'answer' ? idsIn(jwks.body.keys) : []
  const now = systemClock()
  const keys = settings.auth.tokens?.secret ? [] : ((await store?.keys.list()) ?? [])
  const expected = keys
    .filter((key) => keyState(key, keys, now) !== 'gone')
    .filter(({ createdAt }) => now.getTime() - createdAt.getTime() > reloadMilliseconds)
  const known = new Set(keys.map(({ id }) => id))
  const isSame =
    expected.every(({ id }) => published.includes(id)) && published.every((id) => known.has(id))
  if (isSame) return undefined
  return problem(
    `the server at ${url} publishes other signing keys than this store holds`,
    'Run doctor with the settings of that server (its folder, its .env), or start it again',
  )
}

const reloadMilliseconds = 11_000

const idsIn = (keys: unknown): string[] =>
  Array.isArray(keys) ? keys.map((key: { kid?: unknown }) => String(key?.kid)) : []
