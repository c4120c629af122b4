import { createPrivateKey } from 'node:crypto'
import type { Setting } from './setting.js'
import { issuerFault } from './web-addresses.js'

/**
 * Settings of login providers. Each row goes to a member of one provider in `oauth.providers`:
 * oauth.providers.google.clientId. docs/guides/social-login.md says where the values come from.
 */
const titles = {
  google: 'Google',
  facebook: 'Facebook',
  github: 'GitHub',
  microsoft: 'Microsoft',
  gitlab: 'GitLab',
  discord: 'Discord',
  linkedin: 'LinkedIn',
} as const

export const rowPath = 'oauth.providers.'

type Row = Pick<Setting, 'meaning'> & Partial<Setting> & { needed?: true; unsaid?: string }

const rowsOf = (name: string, prefix: string, rows: Readonly<Record<string, Row>>): Setting[] =>
  Object.entries(rows).map(([suffix, { needed, unsaid, ...row }]) => ({
    variable: `${prefix}_${suffix}`,
    option: `${rowPath}${name}.${members[suffix] ?? suffix}`,
    kind: 'text',
    default: '',
    provider: { name, isNeeded: needed === true, unsaid },
    ...row,
  }))

const members: Readonly<Record<string, string>> = {
  CLIENT_ID: 'clientId',
  CLIENT_SECRET: 'clientSecret',
  APP_CLIENT_IDS: 'appClientIds',
  TENANT: 'tenant',
  ISSUER: 'issuer',
  TEAM_ID: 'teamId',
  KEY_ID: 'keyId',
  PRIVATE_KEY: 'privateKey',
  TITLE: 'title',
  SCOPES: 'scopes',
  TRUST_EMAIL: 'trustsEmail',
}

const shortText = (most: number) => (text: string) =>
  text.length <= most && /^[\x21-\x7e]+$/.test(text)
    ? undefined
    : `must have 1 to ${most} visible ASCII characters, and no spaces`

const clientRows = (title: string): Record<string, Row> => ({
  CLIENT_ID: {
    meaning: `Turns signing in with ${title} on, with the secret: the id it gave to this application.`,
    fault: shortText(255),
    needed: true,
  },
  CLIENT_SECRET: {
    meaning: `The secret that ${title} gave to this application.`,
    secret: true,
    fault: shortText(4096),
    needed: true,
  },
})

/** Apps of phones have ids of their own, which ID tokens are then issued to. */
const appRow: Row = {
  meaning:
    'Ids of apps of yours at the same provider, comma separated, whose ID tokens are taken as well.',
  kind: 'list',
  fault: (text) =>
    text
      .split(',')
      .map((part) => shortText(255)(part.trim()))
      .find(Boolean),
}

const keyFault = (text: string): string | undefined => {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(unescaped(text))
    const isRight = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
    return isRight ? undefined : noKey
  } catch {
    return noKey
  }
}

const noKey =
  'must be the whole content of the .p8 file from Apple: a private key for P-256, from BEGIN to END'

/** Where a variable holds one line only, line ends are written as \n. */
const unescaped = (text: string): string => text.replaceAll('\\n', '\n')

const appleIdFault = (text: string): string | undefined =>
  /^[A-Z0-9]{10}$/.test(text) ? undefined : 'must have 10 capital letters and digits'

const tenantFault = (text: string): string | undefined =>
  /^(?:common|organizations|consumers|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(text)
    ? undefined
    : 'must be common, organizations, consumers, or the id of a tenant'

const own: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  google: { APP_CLIENT_IDS: appRow },
  microsoft: {
    TENANT: {
      meaning:
        'Who may sign in with Microsoft: common, organizations, consumers, or the id of one tenant.',
      default: 'common',
      unsaid: 'common',
      fault: tenantFault,
    },
  },
  gitlab: {
    ISSUER: {
      meaning: 'A GitLab of your own.',
      default: 'https://gitlab.com',
      example: 'https://gitlab.example.com',
      fault: issuerFault,
    },
  },
}

/** Those of the providers that are known by name. */
export const providerRows: readonly Setting[] = [
  ...Object.entries(titles).flatMap(([name, title]) =>
    rowsOf(name, name.toUpperCase(), { ...clientRows(title), ...own[name] }),
  ),
  ...rowsOf('apple', 'APPLE', {
    CLIENT_ID: {
      meaning: 'Turns signing in with Apple on, with the three below: the id of a Services ID.',
      example: 'com.example.app.login',
      fault: shortText(255),
      needed: true,
    },
    TEAM_ID: { meaning: 'The id of your team at Apple.', fault: appleIdFault, needed: true },
    KEY_ID: { meaning: 'The id of the key below.', fault: appleIdFault, needed: true },
    PRIVATE_KEY: {
      meaning:
        'The key that Apple gave as a .p8 file: its content, or APPLE_PRIVATE_KEY_FILE with its path.',
      secret: true,
      fault: keyFault,
      value: unescaped,
      needed: true,
    },
    APP_CLIENT_IDS: appRow,
  }),
]

const scopesIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

const scopesFault = (text: string): string | undefined => {
  const scopes = scopesIn(text)
  const isRight = scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/.test(scope))
  return isRight && scopes.includes('openid')
    ? undefined
    : 'must be scopes with spaces between them, and openid among them, such as openid email profile'
}

const titleFault = (text: string): string | undefined =>
  /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,64}$/u.test(text)
    ? undefined
    : 'must have 1 to 64 characters on one line'

/** Those of an OpenID provider that nobody knows, under a name that its operator gives to it. */
const openIdRows = (name: string, prefix: string): Setting[] =>
  rowsOf(name, prefix, {
    ISSUER: {
      meaning:
        'Any OpenID provider, found by discovery, under a name of your choice: OIDC_MY_CORP_ISSUER and its like make the provider my-corp.',
      example: 'https://login.example.com',
      fault: issuerFault,
      needed: true,
    },
    ...clientRows('the provider'),
    APP_CLIENT_IDS: appRow,
    TITLE: { meaning: 'What stands on its button.', default: 'its name', fault: titleFault },
    SCOPES: {
      meaning: 'What it is asked for.',
      default: 'openid email profile',
      fault: scopesFault,
      value: scopesIn,
    },
    TRUST_EMAIL: {
      meaning:
        'Whether its word that an address is confirmed is as good as a mail of ours: people then come in to the account that has this address. Only for a provider that you run, or whose addresses are all of its own.',
      kind: 'boolean',
      default: 'false',
    },
  })

/**
 * The same for the documentation, which is made by a script.
 *
 * @public
 */
export const openIdTemplate: readonly Setting[] = openIdRows('NAME', 'OIDC_<NAME>')

const openIdVariable =
  /^OIDC_([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_(?:ISSUER|APP_CLIENT_IDS|CLIENT_ID|CLIENT_SECRET|TITLE|SCOPES|TRUST_EMAIL)$/

/** NAME of OIDC_<NAME>_…; undefined for all other variables. */
const openIdName = (variable: string): string | undefined => openIdVariable.exec(variable)?.[1]

/** The row of a variable such as OIDC_ACME_ISSUER. */
export const openIdRowOf = (variable: string): Setting | undefined => {
  const name = openIdName(variable)
  if (name === undefined) return undefined
  const rows = openIdRows(name.toLowerCase().replaceAll('_', '-'), `OIDC_${name}`)
  return rows.find((row) => row.variable === variable)
}

/** The variable of a member of a provider, such as oauth.providers.acme.issuer. */
export const openIdVariableOf = (option: string): string | undefined => {
  const [name = '', member] = option.slice(rowPath.length).split('.')
  const suffix = Object.keys(members).find((key) => members[key] === member)
  const variable = `OIDC_${name.toUpperCase().replaceAll('-', '_')}_${suffix}`
  return option.startsWith(rowPath) && openIdRowOf(variable) ? variable : undefined
}

/** The rows of all providers that one of these variables names. */
export const openIdRowsFor = (variables: readonly string[]): Setting[] => {
  const names = variables.flatMap((variable) => openIdName(variable.replace(/_FILE$/, '')) ?? [])
  return [...new Set(names)].flatMap((name) =>
    openIdRows(name.toLowerCase().replaceAll('_', '-'), `OIDC_${name}`),
  )
}
