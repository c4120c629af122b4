import { ConfigurationError } from '../errors.js'
import { createLegacyTokens, type LegacySettings } from '../features/sessions/legacy-tokens.js'
import type { LegacyTokenStore } from '../features/sessions/store.js'
import type { TokenFormat } from '../features/tokens/token-format.js'
import type { Clock } from '../lib/clock.js'
import type { ProfileName } from './dialect.js'
import { dialectOf } from './dialects.js'

/**
 * What the refresh tokens of each service are. opaque: 43 random signs that it keeps somewhere. signed: a JWT of the type
 * refresh; kept besides, so that it can be taken back, where `isKept`.
 */
export type LegacyForm = { kind: 'opaque'; isKept: true } | { kind: 'signed'; isKept: boolean }

export const legacyForms: Readonly<Partial<Record<ProfileName, LegacyForm>>> = {
  cookie: { kind: 'opaque', isKept: true },
  strict: { kind: 'signed', isKept: false },
  flat: { kind: 'signed', isKept: true },
  envelope: { kind: 'opaque', isKept: true },
}

type Given = {
  profile: ProfileName
  legacy?: { until: Date; profile?: ProfileName | undefined } | undefined
  tokens: { secret?: string | undefined }
  sessions: { secret?: string | undefined }
}

type Around = { store: LegacyTokenStore | undefined; clock: Clock }

/**
 * What is honoured of the service of before: access tokens of its form, and refresh tokens to trade.
 *
 * @throws ConfigurationError where its refresh tokens are kept in a place that is not given
 */
export const legacyOf = (
  { profile: spoken, legacy, ...secrets }: Given,
  { store, clock }: Around,
) => {
  if (legacy === undefined) return {}
  const { until, profile = spoken } = legacy
  const format: TokenFormat | undefined = dialectOf(profile).tokens
  const form = settingsOf(profile, secrets)
  const isKept = legacyForms[profile]?.isKept
  if (isKept && store === undefined) throw missingStore(profile)
  const settings = form && { profile, until, form, store: isKept ? store : undefined }
  return {
    access: format && { format, until },
    refresh: settings && createLegacyTokens({ settings, clock }),
    /** Of tokens that were made here, while that was the profile. */
    refreshFormat: spoken === 'native' ? dialectOf(profile).refreshTokens : undefined,
  }
}

const settingsOf = (
  profile: ProfileName,
  { tokens, sessions }: Pick<Given, 'tokens' | 'sessions'>,
): LegacySettings['form'] | undefined => {
  const form = legacyForms[profile]
  if (form?.kind !== 'signed') return form
  const signs = dialectOf(profile).refreshTokens?.secret
  const { secret } = signs === 'of access tokens' ? tokens : sessions
  return secret === undefined ? undefined : { kind: 'signed', secret }
}

const missingStore = (profile: ProfileName): ConfigurationError =>
  new ConfigurationError([
    {
      option: 'legacy.tokens',
      detail: `is needed: the service ${profile} kept its refresh tokens somewhere. Give redisLegacyTokens, mongoLegacyTokens or sqlLegacyTokens with the address of that place`,
    },
  ])
