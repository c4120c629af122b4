import { keyState } from '../../features/tokens/key-states.js'
import { systemClock } from '../../lib/clock.js'
import { version } from '../../lib/version.js'
import { ask } from './ask.js'
import { type Check, type Finding, ok, type Patient, problem, warning } from './check.js'
import type { Door } from './doors.js'

/** The running server, if there is one: whether it is well, and whether it is this one. */
export const serverChecks: readonly Check[] = [
  {
    name: 'server',
    looksAt: 'who listens on HOST and PORT: nobody, this latchkey on this store, or somebody else',
    mend: 'Stop the other program or choose another PORT; start latchkey again with these settings',
    run: async (patient) => {
      const { local } = patient.doors
      if (local === undefined) return ok('PORT is 0: a free port is taken at each start')
      if (local.health.outcome === 'nobody')
        return ok(`none runs; port ${patient.settings.port} is free`)
      const fault = strangerAt(local) ?? (await sameKeys(local, patient))
      return fault ?? ok(`runs at ${local.url}, ${version}, healthy`)
    },
  },
  {
    name: 'public address',
    looksAt: 'whether BASE_URL leads to latchkey, and its certificate is trusted',
    mend: 'Correct BASE_URL, the proxy or the DNS; renew the certificate',
    run: ({ doors, settings }) => {
      if (doors.public === undefined) return ok('the local one')
      const { url, health, isOurs } = doors.public
      if (isOurs) return ok(`${url} leads here`)
      if (health.outcome === 'broken' && isAboutTrust(health.reason)) {
        return problem(
          `the certificate at ${url} is not trusted (${health.reason})`,
          'Renew it, or let the proxy send the whole chain; for an authority of your own start doctor with NODE_EXTRA_CA_CERTS=<file>',
        )
      }
      const port = doors.local?.isOurs ? settings.port : undefined
      return warning(
        `nobody answers like latchkey at ${url}/health`,
        port === undefined
          ? 'Start the server, and check the proxy and the name in BASE_URL'
          : `The server runs here: let the proxy of BASE_URL lead to port ${port}, or correct BASE_URL`,
      )
    },
  },
]

const isAboutTrust = (reason: string): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ISSUER/.test(reason)

/** Whoever answers is not latchkey, not this version, or not well. */
const strangerAt = ({ url, health, isOurs }: Door): Finding | undefined => {
  if (!isOurs || health.outcome !== 'answer')
    return problem(`another program answers at ${url}`, 'Stop it, or choose another port with PORT')
  if (health.status !== 200)
    return problem(
      `runs at ${url} and is not healthy`,
      `Look at ${url}/health/ready and at its log`,
    )
  if (health.body?.version !== version) {
    return warning(
      `runs at ${url} as ${health.body?.version}, and this is ${version}`,
      'Start it again to run the version that is installed',
    )
  }
  return undefined
}

/** A server publishes the keys of its store; other keys mean another store. Its memory is at most ten seconds old. */
const sameKeys = async (
  { url }: Door,
  { settings, store }: Patient,
): Promise<Finding | undefined> => {
  const jwks = await ask(`${url}/.well-known/jwks.json`)
  const published = jwks.outcome === 'answer' ? idsIn(jwks.body?.keys) : []
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
