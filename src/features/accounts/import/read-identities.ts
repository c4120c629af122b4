import { BrokenValue, instantOf, isPlain, listOf, membersOf, textOf } from './values.js'

/** A login at a provider, as another place knows it. */
export type ReadIdentity = {
  /** Its name here: 'google'. */
  provider: string
  subject: string
  /** What the provider last said of the person. */
  email: string | null
  firstName: string | null
  lastName: string | null
  picture: string | null
  /** undefined: as the account. */
  createdAt: Date | undefined
  lastUsedAt: Date | undefined
}

/** Where the place has one login for each account: two columns. Where it has many: a list. */
type Given = { provider: unknown; subject: unknown; list: unknown }

/** @throws BrokenValue where a provider or a subject cannot be kept, or the list not be read */
export const readIdentities = ({ provider, subject, list }: Given): ReadIdentity[] => {
  const found = new Map<string, ReadIdentity>()
  const add = (name: unknown, who: unknown, said: Readonly<Record<string, unknown>>): void => {
    const at = providerIn(name)
    const id = at === undefined ? undefined : subjectIn(who)
    if (at === undefined || id === undefined) return
    found.set(`${at} ${id}`, {
      provider: at,
      subject: id,
      email: shown(said.email, 254),
      firstName: shown(said.first_name, 100),
      lastName: shown(said.last_name, 100),
      picture: pictureIn(said.picture),
      createdAt: instantOf(said.created_at),
      lastUsedAt: instantOf(said.last_used_at),
    })
  }
  add(provider, subject, {})
  for (const member of listOf(list)) {
    const said = membersOf(member)
    // as `latchkey export` writes them, as Auth0 does, and as Firebase does
    add(said.provider ?? said.providerId, said.subject ?? said.user_id ?? said.rawId, said)
  }
  return [...found.values()]
}

/** What stands for a provider where it is the place itself: its own passwords. */
const itself = new Set([
  ...['local', 'email', 'password', 'credentials', 'database', 'native', 'internal', 'none'],
  ...['auth0', 'phone', 'username'],
])

/** Names of the same providers elsewhere. */
const elsewhere: Readonly<Record<string, string>> = {
  'google-oauth2': 'google',
  'google.com': 'google',
  'facebook.com': 'facebook',
  'github.com': 'github',
  'apple.com': 'apple',
  'microsoft.com': 'microsoft',
  windowslive: 'microsoft',
}

/** The provider's name here; undefined where it is the place itself. */
export const providerIn = (value: unknown): string | undefined => {
  const text = textOf(value)?.trim().toLowerCase()
  if (text === undefined || itself.has(text)) return undefined
  const name = elsewhere[text] ?? text.replaceAll('_', '-')
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw new BrokenValue()
  return name
}

/** Byte by byte as the provider says it. A number that lost digits on its way is somebody else's. */
const subjectIn = (value: unknown): string | undefined => {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new BrokenValue()
  const text = textOf(value)
  if (text !== undefined && !form.test(text)) throw new BrokenValue()
  return text
}

/** OpenID Connect Core 1.0 §2: what has any other form comes from no provider. */
const form = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/** What is only shown, and comes anew with the next sign-in: left out where it could not be kept. */
const shown = (value: unknown, most: number): string | null =>
  typeof value === 'string' && value.length <= most && isPlain(value) ? value || null : null

const pictureIn = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= 2048 && /^https:\/\/[^\s"<>\\]+$/.test(value)
    ? value
    : null
