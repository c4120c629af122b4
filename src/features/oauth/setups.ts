import { z } from 'zod'
import type { Mistake } from '../../errors.js'
import { trusted } from '../../lib/trusted.js'
import { isLocalHttp } from './local-http.js'
import { openid } from './providers/openid.js'
import type { Provider } from './providers/provider.js'
import { type Entry, knownProviders } from './providers/table.js'
import type { ProviderSetup } from './providers.js'

/** What an operator says of a provider. */
type Given = {
  name: string
  clientId: string
  clientSecret?: string | undefined
  appClientIds?: readonly string[] | undefined
  title?: string | undefined
  scopes?: readonly string[] | undefined
  definition?: unknown
  /** The others are each provider's own business. */
  issuer?: string | undefined
  trustsEmail?: boolean | undefined
  tenant?: string | undefined
  teamId?: string | undefined
  keyId?: string | undefined
  privateKey?: string | undefined
}

type Result = { setups: readonly ProviderSetup[]; mistakes: readonly Mistake[] }

/** The providers that can be spoken to, and what is wrong with the others. Says all at once, and never a secret. */
export const readSetups = (given: readonly Given[], baseUrl: string | undefined): Result => {
  const results = given.map((one, index) => {
    const isSecond = given.findIndex(({ name }) => name === one.name) < index
    return isSecond ? mistaken(one.name, 'is named twice: one setup each') : read(one, baseUrl)
  })
  return {
    setups: results.flatMap(({ setups }) => setups),
    mistakes: results.flatMap(({ mistakes }) => mistakes),
  }
}

/** GET /auth/oauth/{name} has to mean the provider. */
const reserved = new Set(['exchange'])

const read = (given: Given, baseUrl: string | undefined): Result => {
  const { name, clientId, clientSecret, appClientIds = [], title, scopes, definition } = given
  if (reserved.has(name)) return mistaken(name, 'is a name that is taken: choose another')
  const entry = definition === undefined ? entryOf(name, given) : definitionOf(definition)
  if (entry === undefined)
    return mistaken(name, 'is not known: give its issuer, or a definition of it')

  const result = asSchema(entry).safeParse(ownSettings(given))
  if (!result.success)
    return { setups: [], mistakes: result.error.issues.flatMap(mistakesIn(name)) }
  const provider = { ...result.data, name, title: title ?? result.data.title }
  if (scopes) provider.scopes = provider.protocol === 'openid' ? withOpenId(scopes) : scopes

  const mistakes = [
    ...(provider.makeSecret || clientSecret
      ? []
      : mistaken(`${name}.clientSecret`, 'is needed').mistakes),
    ...(isSafe(provider.server.issuer, baseUrl)
      ? []
      : mistaken(
          `${name}.issuer`,
          'must be an https address; http is for providers on this machine, while latchkey is reached by http as well',
        ).mistakes),
  ]
  if (mistakes.length > 0) return { setups: [], mistakes }
  const client = { id: clientId, secret: clientSecret ?? '' }
  return { setups: [{ provider, client, appClientIds }], mistakes }
}

const known = new Map(Object.entries(knownProviders))

/** An entry that is known, or one for any OpenID provider. */
const entryOf = (name: string, { issuer }: Given): Entry | undefined => {
  const entry = known.get(name)
  if (entry !== undefined || issuer === undefined) return entry
  return z
    .strictObject({ issuer: z.string(), trustsEmail: z.boolean().optional() })
    .transform((settings) => openid({ name, ...settings }))
}

/** Of code, by people who have the compiler; what it cannot tell them is looked at. */
const definitionOf = (definition: unknown): Entry => {
  const provider = trusted<Provider>(definition)
  return z.strictObject({}).transform((_nothing, context): Provider => {
    for (const detail of gapsIn(provider)) context.addIssue({ code: 'custom', message: detail })
    return provider
  })
}

const gapsIn = ({ protocol, server, fetchClaims, confirm }: Provider): string[] => [
  ...(protocol === 'oauth2' && typeof fetchClaims !== 'function'
    ? ['needs fetchClaims: without an ID token it has to be asked who somebody is']
    : []),
  ...(protocol === 'oauth2' && !(server.authorization_endpoint && server.token_endpoint)
    ? ['needs authorization_endpoint and token_endpoint: plain OAuth 2 has no discovery']
    : []),
  ...(confirm && fetchClaims === undefined
    ? ['needs fetchClaims beside confirm: an access token says nothing of somebody']
    : []),
]

const asSchema = (entry: Entry): z.ZodType<Provider> =>
  entry instanceof z.ZodType ? entry : z.strictObject({}).transform(() => entry)

const ownSettings = ({ issuer, trustsEmail, tenant, teamId, keyId, privateKey }: Given): object =>
  Object.fromEntries(
    Object.entries({ issuer, trustsEmail, tenant, teamId, keyId, privateKey }).filter(
      ([, value]) => value !== undefined,
    ),
  )

const withOpenId = (scopes: readonly string[]): readonly string[] =>
  scopes.includes('openid') ? scopes : ['openid', ...scopes]

/** Plain http stays on this machine, and in development. */
const isSafe = (issuer: string, baseUrl: string | undefined): boolean =>
  issuer.startsWith('https://') ||
  (isLocalHttp(issuer) && (baseUrl === undefined || isLocalHttp(baseUrl)))

const mistaken = (place: string, detail: string): Result => ({
  setups: [],
  mistakes: [{ option: `oauth.providers.${place}`, detail }],
})

const mistakesIn =
  (name: string) =>
  (issue: z.core.$ZodIssue): readonly Mistake[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.flatMap((key) => mistaken(`${name}.${key}`, 'means nothing to it').mistakes)
      : mistaken([name, ...issue.path].join('.'), issue.message).mistakes
