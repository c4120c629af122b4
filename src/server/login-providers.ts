import type { Mistake } from '../errors.js'
import { knownProviders } from '../features/oauth/providers/table.js'
import { trusted } from '../lib/trusted.js'
import type { LoginProvider } from '../options.js'
import type { Dialect } from '../profiles/dialect.js'
import type { AuthSettings, ServerSettings } from './env.js'
import type { Setting } from './setting.js'

/** The login providers of the settings: those that are set up whole. Half a provider is none. */
type Read = {
  rows: readonly Setting[]
  /** By option. */
  values: ReadonlyMap<string, unknown>
}

type Assembled = {
  providers: readonly LoginProvider[]
  off: NonNullable<ServerSettings['providersOff']>
  mistakes: readonly Mistake[]
}

export const assembleProviders = ({ rows, values }: Read): Assembled => {
  const providers: LoginProvider[] = []
  const off: { name: string; because: string }[] = []
  const mistakes: Mistake[] = []
  for (const [name, its] of rowsByProvider(rows)) {
    const given = its.filter(({ option }) => values.has(option))
    const [first] = given
    if (first === undefined) continue
    const mistake = nameFault(name, first)
    if (mistake !== undefined) mistakes.push(mistake)
    else if (whatIsMissing(its, values) !== undefined)
      off.push({ name, because: whatIsMissing(its, values) ?? '' })
    else providers.push(trusted({ name, ...membersOf(its, values) }))
  }
  return { providers, off, mistakes }
}

const rowsByProvider = (rows: readonly Setting[]): ReadonlyMap<string, readonly Setting[]> => {
  const found = new Map<string, Setting[]>()
  for (const row of rows) {
    if (row.provider === undefined) continue
    const { name } = row.provider
    found.set(name, [...(found.get(name) ?? []), row])
  }
  return found
}

const membersOf = (rows: readonly Setting[], values: Read['values']): Record<string, unknown> =>
  Object.fromEntries(
    rows.flatMap(({ option, provider }) => {
      const value = values.get(option) ?? provider?.unsaid
      return value === undefined ? [] : [[option.slice(option.lastIndexOf('.') + 1), value]]
    }),
  )

const whatIsMissing = (rows: readonly Setting[], values: Read['values']): string | undefined => {
  const needed = rows.filter(({ provider }) => provider?.isNeeded)
  const missing = needed.filter(({ option }) => !values.has(option)).map(variableOf)
  const samples = needed.filter(({ option }) => isSample(values.get(option))).map(variableOf)
  const parts = [
    ...(missing.length > 0 ? [`${listOf(missing)} ${isOrAre(missing)} not set`] : []),
    ...(samples.length > 0 ? [`${listOf(samples)} still ${holds(samples)} a sample value`] : []),
  ]
  return parts.length === 0 ? undefined : parts.join(', and ')
}

const variableOf = ({ variable }: Setting): string => variable
const isOrAre = ({ length }: readonly string[]): string => (length === 1 ? 'is' : 'are')
const holds = ({ length }: readonly string[]): string => (length === 1 ? 'holds' : 'hold')
const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** What stands in the documents of others, and in ours, where something of one's own is to be put. */
const isSample = (value: unknown): boolean =>
  typeof value === 'string' && /^<?(?:your[-_ ]|change[-_ ]?me|replace[-_ ])/i.test(value)

/** A name in two meanings would lead people to the wrong door. */
const nameFault = (name: string, { variable }: Setting): Mistake | undefined => {
  if (!variable.startsWith('OIDC_')) return undefined
  const isKnown = Object.hasOwn(knownProviders, name)
  if (isKnown || name === 'exchange')
    return { option: variable, detail: `has a name that is taken: ${name}. Choose another` }
  if (name.length > mostCharacters)
    return { option: variable, detail: `has a name of more than ${mostCharacters} characters` }
  return undefined
}

const mostCharacters = 32

/** Why a setting of login providers does nothing where this contract is spoken. */
export const unspokenBecause = (
  { option }: Setting,
  { name, wire }: Pick<Dialect, 'name' | 'wire'>,
): string | undefined => {
  if (wire === undefined) return undefined
  if (option === 'frontendUrl' || option === 'oauth.returnUrls')
    return `the profile ${name} sends no browser to a login provider`
  const trades = Object.hasOwn(wire.routes, 'POST /auth/oauth/{provider}')
  return !trades && option.startsWith('oauth.')
    ? `nobody signs in through providers in the profile ${name}`
    : undefined
}

/** `auth.oauth`, made of everything that was said about it. */
export const oauthOf = (
  { oauth = {} }: AuthSettings,
  providers: readonly LoginProvider[],
  frontendUrl: string | undefined,
): NonNullable<AuthSettings['oauth']> => ({
  ...oauth,
  ...(providers.length > 0 && { providers }),
  returnUrls: unique([...(frontendUrl ? [frontendUrl] : []), ...(oauth.returnUrls ?? [])]),
})

/** While the try-it page is served, people may come back to it, and do where no other page is named. */
export const withReturnToTryIt = (
  auth: AuthSettings,
  { docs, baseUrl }: { docs: boolean; baseUrl: string },
): AuthSettings => {
  const { returnUrls = [] } = auth.oauth ?? {}
  if (!docs) return auth
  return {
    ...auth,
    oauth: { ...auth.oauth, returnUrls: unique([...returnUrls, `${baseUrl}/test-login`]) },
  }
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]
