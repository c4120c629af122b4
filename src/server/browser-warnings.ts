import { dialectOf } from '../profiles/dialects.js'
import { isDialect, type ServerSettings } from './env.js'
import { isLocalHost } from './local-host.js'
import { isProduction } from './root-secret-file.js'
import type { WarningRule } from './warning-rule.js'

/** Cookies, pages elsewhere that may call, and what is served to everybody. */
export const browserWarnings: readonly WarningRule[] = [
  {
    warning: 'insecure_cookies',
    about: 'cookies',
    detail: ({ auth }) =>
      auth.http?.allowInsecureCookies
        ? 'ALLOW_INSECURE_COOKIES is on: over plain http the refresh cookie can be read on the way'
        : undefined,
    remedy: 'Use https and remove it',
  },
  {
    warning: 'no_grace',
    about: 'cookies',
    detail: ({ auth }) =>
      auth.sessions?.grace === '0s'
        ? 'REFRESH_TOKEN_GRACE_SECONDS is 0: a client whose answer is lost, or two tabs at once, are signed out'
        : undefined,
    remedy: 'Remove it, or set it to 10',
  },
  {
    warning: 'own_origin',
    about: 'cors',
    detail: (settings) =>
      originsOf(settings).includes(baseOf(settings)?.origin ?? '')
        ? `ALLOWED_ORIGINS names ${baseOf(settings)?.origin}, which is BASE_URL and may call in any case`
        : undefined,
    remedy: 'Remove it from ALLOWED_ORIGINS',
  },
  {
    warning: 'lookalike_origin',
    about: 'cors',
    detail: (settings) => {
      const found = originsOf(settings).find((origin) => isLookalike(origin, settings))
      return found && `ALLOWED_ORIGINS names ${found}, which only looks like your own address`
    },
    remedy: 'Remove it from ALLOWED_ORIGINS unless you know whose it is',
  },
  {
    warning: 'local_origin',
    about: 'cors',
    detail: (settings) => {
      const found = originsOf(settings).find((origin) => isLocalHost(new URL(origin).hostname))
      return isProduction(settings) && found && !isDialect(settings.auth)
        ? `ALLOWED_ORIGINS names ${found} in production: any program on the machine of a user may call from there`
        : undefined
    },
    remedy: 'Remove it from ALLOWED_ORIGINS',
  },
  {
    warning: 'foreign_site',
    about: 'cookies',
    detail: (settings) => {
      const found = originsOf(settings).find((origin) => isOtherSite(origin, settings))
      return transportOf(settings) !== 'body' && !settings.assumed?.includes('base_url') && found
        ? `ALLOWED_ORIGINS names ${found}, another site than BASE_URL: browsers do not send it the refresh cookie, so nobody stays signed in there`
        : undefined
    },
    remedy:
      'Serve both under one domain (app.example.com and id.example.com), or set REFRESH_TOKEN_TRANSPORT=body',
  },
  {
    warning: 'local_base_url',
    about: 'proxy',
    detail: (settings) => {
      const base = baseOf(settings)?.hostname
      return !isLocalHost(settings.host) && (base === undefined || isLocalHost(base))
        ? `HOST=${settings.host} lets other machines in, and BASE_URL is localhost, which is another machine for them`
        : undefined
    },
    remedy: 'Set BASE_URL to the https address they use, or remove HOST',
  },
  {
    warning: 'assumed_base_url',
    about: 'cookies',
    detail: ({ assumed, auth: { baseUrl = 'https://localhost' } }) =>
      assumed?.includes('base_url')
        ? `BASE_URL is not set: ${baseUrl} is taken for it, so that cookies travel over https only; links and the issuer of tokens lead nowhere`
        : undefined,
    remedy: 'Set BASE_URL to the public https address, such as https://id.example.com',
  },
  {
    warning: 'idle_settings',
    about: 'pages',
    detail: ({ idle = [] }) => {
      const reasons = [...new Set(idle.map(({ because }) => because))].join('; ')
      return idle.length === 0
        ? undefined
        : `${idle.map(({ name }) => name).join(', ')} ${idle.length === 1 ? 'does' : 'do'} nothing: ${reasons}`
    },
    remedy: 'Remove it, or choose the profile that has it',
  },
  {
    warning: 'docs_in_production',
    about: 'pages',
    detail: (settings) =>
      isProduction(settings) && settings.docs
        ? 'DOCS is on in production: anybody can open /docs, /redoc and /test-login'
        : undefined,
    remedy: 'Remove it to close them',
  },
  {
    warning: 'silent_log',
    about: 'log',
    detail: (settings) =>
      isProduction(settings) && ['silent', 'error'].includes(settings.logLevel)
        ? `LOG_LEVEL is ${settings.logLevel} in production: nobody reads of lockouts, stolen sessions and other alerts`
        : undefined,
    remedy: 'Set LOG_LEVEL=warn or info',
  },
]

const transportOf = ({ auth: { profile, http } }: ServerSettings) =>
  http?.refreshTokenTransport ?? dialectOf(profile).options.http?.refreshTokenTransport

/** Only what is an origin; what is none was refused before. */
const originsOf = ({ auth }: ServerSettings): string[] =>
  (auth.http?.allowedOrigins ?? []).filter((origin) => URL.canParse(origin))

const baseOf = ({ auth: { baseUrl = '' } }: ServerSettings): URL | undefined =>
  URL.canParse(baseUrl) ? new URL(baseUrl) : undefined

/** Our whole name stands in it and it is not below ours (id.example.com.evil.com), or it is ours but for a hyphen or a dot. */
const isLookalike = (origin: string, settings: ServerSettings): boolean => {
  const own = baseOf(settings)?.hostname ?? ''
  const { hostname } = new URL(origin)
  if (isLocalHost(own) || hostname === own || hostname.endsWith(`.${own}`)) return false
  const bare = (name: string): string => name.replaceAll(/[-.]/g, '')
  return `${hostname}.`.includes(`${own}.`) || bare(hostname) === bare(own)
}

/** Without the list of public suffixes: two names are of one site when their last two labels are the same. */
const isOtherSite = (origin: string, settings: ServerSettings): boolean => {
  const base = baseOf(settings)
  const other = new URL(origin)
  if (base === undefined || base.protocol !== other.protocol) return base !== undefined
  const site = ({ hostname }: URL): string => hostname.split('.').slice(-2).join('.')
  return site(base) !== site(other)
}
