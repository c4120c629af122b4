import { isDialect, type ServerSettings } from './env.js'
import type { WarningRule } from './warning-rule.js'

/** Login providers: which are off and why, and where browsers come back to. */
export const providerWarnings: readonly WarningRule[] = [
  {
    warning: 'provider_off',
    about: 'providers',
    detail: ({ providersOff = [] }) =>
      providersOff.length === 0
        ? undefined
        : `nobody can sign in with ${providersOff.map(({ name, because }) => `${name} (${because})`).join(', nor with ')}`,
    remedy: ({ providersOff = [] }) =>
      `Set what is missing, or remove the other settings of ${providersOff.map(({ name }) => name).join(' and ')}`,
  },
  {
    warning: 'no_return_url',
    about: 'providers',
    detail: (settings) =>
      hasProviders(settings) &&
      !isDialect(settings.auth) &&
      !settings.docs &&
      !returnsSomewhere(settings)
        ? 'login providers are set up, and no page is named that browsers may come back to from them: only apps that trade tokens can sign people in'
        : undefined,
    remedy: 'Set FRONTEND_URL to the page that is shown after signing in',
  },
  {
    warning: 'mute_frontend',
    about: 'providers',
    detail: (settings) =>
      hasProviders(settings) && isMute(settings)
        ? `FRONTEND_URL leads to ${originOf(settings.frontendUrl)}, which is not in ALLOWED_ORIGINS: browsers come back there signed in, and pages there may not call`
        : undefined,
    remedy: ({ frontendUrl }) =>
      `Add ${originOf(frontendUrl)} to ALLOWED_ORIGINS, unless only a server there calls`,
  },
  {
    warning: 'provider_stand_in',
    about: 'providers',
    detail: ({ auth, demoProviders }) =>
      auth.oauth?.standIn === undefined || demoProviders !== undefined
        ? undefined
        : `OAUTH_STAND_IN_URL sends everybody to ${auth.oauth.standIn} instead of the login providers: whoever reaches it signs in as anybody`,
    remedy: 'Remove it, unless you are trying things out',
  },
  {
    warning: 'demo_providers',
    about: 'providers',
    detail: ({ demoProviders }) =>
      demoProviders === undefined
        ? undefined
        : `with --demo-providers all login providers are make-believe: whoever reaches ${demoProviders.origin} signs in as anybody, without a password${asideText(demoProviders)}`,
    remedy: 'Start without it for logins that are true',
  },
]

const asideText = ({ aside }: { aside: readonly string[] }): string =>
  aside.length === 0 ? '' : `, and the real ${aside.join(', ')} of the settings is not asked`

const hasProviders = ({ auth }: ServerSettings): boolean => (auth.oauth?.providers ?? []).length > 0

const returnsSomewhere = ({ auth }: ServerSettings): boolean =>
  (auth.oauth?.returnUrls ?? []).length > 0

const originOf = (address: string | undefined): string | undefined =>
  address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined

/** To be sent back to is no leave to call. */
const isMute = ({ frontendUrl, auth }: ServerSettings): boolean => {
  const origin = originOf(frontendUrl)
  const mayCall = [...(auth.http?.allowedOrigins ?? []), originOf(auth.baseUrl)]
  return origin !== undefined && !isDialect(auth) && !mayCall.includes(origin)
}
