import type { Wire } from '../profiles/dialect.js'
import type { GuardSettings } from './guard.js'

/** Headers that every answer carries, errors too (OWASP ASVS 5.0, V3.4). */
const always = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'cross-origin-opener-policy',
  'same-origin',
] as const

const strictPolicy =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
const twoYears = 'max-age=63072000; includeSubDomains'

/** The fixed part, made once: name, value, name, value, … */
export const commonHeaders = ({ https }: { https: boolean }): readonly string[] => [
  ...always,
  ...(https ? ['strict-transport-security', twoYears] : []),
]

/** Data: nothing may keep it, frame it or run anything in it. */
export const dataHeaders: readonly string[] = [
  'content-security-policy',
  strictPolicy,
  'cross-origin-resource-policy',
  'same-origin',
  'cache-control',
  'no-store',
  'vary',
  'Origin, Sec-Fetch-Site',
]

/** The browser forgets what it keeps of this origin, the cookie of the known device too (W3C Clear-Site-Data). */
export const clearSiteData = ['clear-site-data', '"cache", "cookies", "storage"'] as const

/** What a listed origin may do (Fetch standard, CORS protocol); nothing for all others. */
export const corsHeaders = (
  origin: string | undefined,
  { allowedOrigins }: GuardSettings,
  spoken: Wire['cors'],
): string[] => {
  if (origin === undefined || !allowedOrigins.has(origin)) return []
  const credentials = 'access-control-allow-credentials'
  const rest = spoken === undefined ? exposed : allowing(spoken)
  return ['access-control-allow-origin', origin, credentials, 'true', ...rest]
}

const exposed = [
  'access-control-expose-headers',
  'Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, WWW-Authenticate',
]

const allowing = ({ methods, headers }: { methods: string; headers: string }): string[] => [
  ...['access-control-allow-methods', methods],
  ...['access-control-allow-headers', headers],
]

export const preflightHeaders = (methods: readonly string[]): string[] => [
  'access-control-allow-methods',
  methods.join(', '),
  'access-control-allow-headers',
  'Authorization, Content-Type, X-Requested-With',
  'access-control-max-age',
  '600',
]
