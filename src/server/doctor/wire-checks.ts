import { cookieSettings } from '../../http/cookies.js'
import { commonHeaders, dataHeaders } from '../../http/headers.js'
import { type Answered, type Asked, ask, headerOf, type Question } from './ask.js'
import {
  type Check,
  type Finding,
  ok,
  type Patient,
  problem,
  startWarnings,
  unless,
  warning,
} from './check.js'
import { usersDoor } from './doors.js'

/** What arrives at users, compared with what the server sent: what differs, the proxy has changed. */
export const wireChecks: readonly Check[] = [
  {
    name: 'headers',
    looksAt: 'whether the security headers of an answer arrive as they were sent',
    mend: 'Let the proxy pass headers on, and neither set, add nor remove them itself',
    run: (patient) =>
      throughDoors(patient, unauthenticated, ({ users, url }) => {
        const changed = pairs([
          ...commonHeaders({ https: url.startsWith('https:') }),
          ...dataHeaders,
        ]).filter(([name, value]) => !isKept(name, value, headerOf(users, name)))
        return changed.length === 0
          ? ok(`all arrive at ${url}`)
          : problem(
              `these do not arrive at ${url} as they are sent: ${changed.map(([name]) => name).join(', ')}`,
              'Let the proxy pass them on as they are; in nginx: remove proxy_hide_header and add_header for them',
            )
      }),
  },
  {
    name: 'cookies',
    looksAt:
      'whether browsers take and send the refresh cookie: name, flags and scheme, there and back through BASE_URL',
    mend: 'Use https and let the proxy pass Cookie and Set-Cookie on unchanged',
    run: async (patient) => [
      ...startWarnings(patient, 'cookies'),
      ...(await throughDoors(patient, cookieQuestion(patient), ({ users, url }) =>
        cookieFinding(users, url),
      )),
    ],
  },
  {
    name: 'cors',
    looksAt:
      'whether pages of each of ALLOWED_ORIGINS may call through BASE_URL, and pages from elsewhere may not',
    mend: 'Let the proxy pass OPTIONS and the Access-Control headers on; start the server again after a change of ALLOWED_ORIGINS',
    run: async (patient) => [
      ...startWarnings(patient, 'cors'),
      ...(await Promise.all(
        [...(patient.settings.auth.http?.allowedOrigins ?? []), stranger].map((origin) =>
          throughDoors(patient, preflight(origin), (exchange) => corsFinding(origin, exchange)),
        ),
      ).then((found) => summed(found.flat()))),
    ],
  },
  {
    name: 'limits',
    looksAt: 'which limits and locks are off or loose, and whether answers say how much is left',
    mend: 'Remove the setting to have its default; let the proxy pass RateLimit headers on',
    run: async (patient) => {
      const known = startWarnings(patient, 'limits')
      if (patient.settings.auth.limits?.requests === 0) return known
      const told = await throughDoors(patient, unauthenticated, ({ users, url }) =>
        headerOf(users, 'ratelimit') === undefined
          ? warning(
              `answers at ${url} do not carry the RateLimit headers that say how much is left`,
              'Let the proxy pass ratelimit and ratelimit-policy on, and start the server again if it is older',
            )
          : ok(`answers at ${url} say how much is left`),
      )
      return [...known, ...told]
    },
  },
]

type Exchange = { users: Answered; url: string }

const unauthenticated = { path: '/auth/me' }
const stranger = 'https://doctor.invalid'

/** Asks where users come in. Whoever cannot be reached is reported by the check of the server, and not once more here. */
const throughDoors = async (
  { doors }: Patient,
  { path, ...question }: Question & { path: string },
  judge: (exchange: Exchange) => Finding,
): Promise<readonly Finding[]> => {
  const door = usersDoor(doors)
  if (door === undefined) return [ok('no server to ask')]
  const users: Asked = await ask(`${door.url}${path}`, question)
  if (users.outcome !== 'answer')
    return [problem(`${path} does not answer at ${door.url}`, 'See the other findings first')]
  const refusal = refusals[String(users.body?.code)]
  return [refusal ?? judge({ users, url: door.url })]
}

/** Answers that say nothing of what was asked. */
const refusals: Readonly<Record<string, Finding>> = {
  address_not_allowed: warning(
    'this machine is not served, so the rest cannot be looked at from here',
    'Run doctor where ALLOWED_ADDRESSES and DENIED_ADDRESSES let it in',
  ),
  too_many_requests: warning(
    'this machine has asked too often, so the rest cannot be looked at now',
    'Run doctor again when RATE_LIMIT_WINDOW is over',
  ),
}

const pairs = (flat: readonly string[]): [name: string, value: string][] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []))

/** A proxy may add names to Vary; everything else is ours alone. */
const isKept = (name: string, value: string, arrived: string | undefined): boolean => {
  if (name !== 'vary') return arrived === value
  const names = new Set(arrived?.toLowerCase().split(/ *, */))
  return value
    .toLowerCase()
    .split(/ *, */)
    .every((one) => names.has(one))
}

/** A refresh with a cookie that is no token: the answer takes it away again, in the same words in which it would be set. */
const cookieQuestion = ({ settings, doors }: Patient) => {
  const { name } = refreshCookie(settings.auth.baseUrl ?? usersDoor(doors)?.url ?? '')
  return {
    path: '/auth/refresh',
    method: 'POST',
    headers: {
      cookie: `${name}=doctor`,
      'sec-fetch-site': 'same-origin',
      'content-length': '0',
    },
  }
}

const refreshCookie = (baseUrl: string) => cookieSettings(baseUrl).refresh_token

const cookieFinding = (users: Answered, url: string): Finding => {
  const { name, attributes } = refreshCookie(url)
  if (users.body?.code === 'missing_token') {
    return problem(
      `the cookie ${name} does not reach the server through ${url}: nobody stays signed in`,
      'Let the proxy pass the header Cookie on; in nginx: remove proxy_set_header Cookie',
    )
  }
  const cookie = users.headers['set-cookie']?.find((line) => line.startsWith(`${name}=`))
  if (cookie === undefined) {
    return problem(
      `the cookie ${name} does not arrive at ${url}: nobody stays signed in`,
      'Let the proxy pass Set-Cookie on; in nginx: remove proxy_hide_header Set-Cookie and proxy_ignore_headers Set-Cookie',
    )
  }
  const words = cookie.split(/; */).slice(1)
  const missing = attributes
    .slice(2)
    .split('; ')
    .filter((word) => !words.some((one) => one.toLowerCase() === word.toLowerCase()))
  const added = words.filter((word) => /^domain=/i.test(word))
  if (missing.length > 0 || added.length > 0) {
    const changes = [
      ...missing.map((word) => `without ${word}`),
      ...added.map((one) => `with ${one}`),
    ]
    return problem(
      `the cookie ${name} arrives at ${url} ${changes.join(', ')}: browsers refuse it, or others may read it`,
      'Let the proxy pass Set-Cookie on as it is; in nginx: remove proxy_cookie_path, proxy_cookie_domain and proxy_cookie_flags',
    )
  }
  return ok(`${name} comes and goes through ${url} with all its flags`)
}

const preflight = (origin: string) => ({
  path: '/auth/login',
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  },
})

const corsFinding = (origin: string, { users, url }: Exchange): Finding => {
  const allowed = headerOf(users, 'access-control-allow-origin')
  if (origin === stranger) {
    return allowed === undefined
      ? ok(`pages from elsewhere may not call ${url}`)
      : problem(
          `any page may call ${url}: a preflight from ${stranger} is answered with ${allowed}`,
          'Let the proxy pass Access-Control headers on as they are; in nginx: remove add_header Access-Control-Allow-Origin',
        )
  }
  const isOpen =
    allowed === origin &&
    headerOf(users, 'access-control-allow-credentials') === 'true' &&
    /\bPOST\b/.test(headerOf(users, 'access-control-allow-methods') ?? '')
  return isOpen
    ? ok(`pages of ${origin} may call`)
    : problem(
        `pages of ${origin} may not call ${url}, although ALLOWED_ORIGINS names it`,
        'Start the server again if ALLOWED_ORIGINS changed; let the proxy pass OPTIONS and the Access-Control headers on',
      )
}

/** Of many that are fine, one line. */
const summed = (found: readonly Finding[]): readonly Finding[] => {
  const bad = found.filter(({ status }) => status !== 'ok')
  const details = [...new Set(found.map(({ detail }) => detail))]
  return unless(bad, details.join('; '))
}
