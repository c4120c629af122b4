import { createHash, randomBytes } from 'node:crypto'
import { type Answer, credentialsOf, json, type Question, redirect } from './look.js'
import { chooser, isToChoose, posted } from './pages.js'
import { personAsked, type StandInPerson } from './people.js'

/**
 * The code grant as every look-alike has it (RFC 6749 §4.1, RFC 7636). Strict, so that a mistake of ours shows: a code works
 * once, for one client with its secret, one redirect address and one verifier.
 */
export type Granted = {
  person: StandInPerson
  clientId: string
  scopes: ReadonlySet<string>
}

type Code = Granted & {
  redirectUri: string
  nonce: string | undefined
  challenge: string | undefined
  method: string | null
}

/** Why a code is worth nothing. */
export type Refusal = 'request' | 'client' | 'code' | 'redirect_uri' | 'verifier'

export type Redeemed =
  | { refused: Refusal }
  | { refused?: undefined; granted: Granted & { nonce: string | undefined }; accessToken: string }

/** How one provider differs. */
export type Manner = {
  /** 'Google'. */
  title: string
  people: StandInPerson[]
  /** What an access token begins with. */
  tokenPrefix?: string
  /** What the browser brings back when nobody signs in. */
  cancelled?: Readonly<Record<string, string>>
  /** What the browser brings back in any case, as `iss` (RFC 9207). */
  besides?: Readonly<Record<string, string>>
  /** What stands behind '#'. */
  fragment?: string
  /** false: not checked, as if it had not been sent; 'never': a client with a verifier is not known. */
  knowsPkce?: boolean | 'never'
  /** What asks for an address or a name has to ask for a form. */
  needsFormPost?: boolean
  /** What the browser brings back besides the code. */
  besidesFor?(person: StandInPerson, query: URLSearchParams): Readonly<Record<string, string>>
  /** What is read out of `scope`. */
  scopes?(text: string): string[]
  checkSecret?(clientId: string, secret: string): boolean | Promise<boolean>
}

/** The secret of any client of a stand-in. */
export const secretOf = (clientId: string): string => `${clientId}-secret`

export const createGrants = (manner: Manner) => {
  const codes = new Map<string, Code>()
  const tokens = new Map<string, Granted>()
  const { title, people, knowsPkce = true } = manner
  const scopesOf = manner.scopes ?? ((text: string) => text.split(' '))
  const isSecret =
    manner.checkSecret ?? ((clientId: string, secret: string) => secret === secretOf(clientId))

  const issue = (granted: Granted): string => {
    const token = `${manner.tokenPrefix ?? ''}${randomBytes(24).toString('base64url')}`
    tokens.set(token, granted)
    return token
  }

  const codeFor = (person: StandInPerson, query: URLSearchParams): string => {
    const code = randomBytes(24).toString('base64url')
    codes.set(code, {
      person,
      clientId: query.get('client_id') ?? '',
      scopes: new Set(scopesOf(query.get('scope') ?? '')),
      redirectUri: query.get('redirect_uri') ?? '',
      nonce: query.get('nonce') ?? undefined,
      challenge: (knowsPkce === true && query.get('code_challenge')) || undefined,
      method: query.get('code_challenge_method'),
    })
    return code
  }

  return {
    /** Who signs in is chosen on a page, or by `login_hint` where the caller wants no page. */
    authorize: ({ query, headers, path }: Question): Answer => {
      const redirectUri = query.get('redirect_uri') ?? ''
      if (!isWebAddress(redirectUri) || !query.get('client_id') || !query.get('scope'))
        return json({ error: 'invalid_request' }, 400)
      if (query.get('response_type') !== 'code')
        return json({ error: 'unsupported_response_type' }, 400)
      const mode = query.get('response_mode')
      if (manner.needsFormPost && mode !== 'form_post')
        return json(
          {
            error: 'invalid_request',
            error_description:
              'response_mode must be form_post when name or email scope is requested.',
          },
          400,
        )
      const found = personAsked(query, people)
      if (isToChoose({ query, headers }, found)) return chooser({ title, path, query, people })
      const state = query.get('state')
      const members = new URLSearchParams({
        ...(found === undefined
          ? { error: 'access_denied', ...manner.cancelled }
          : { code: codeFor(found, query), ...manner.besidesFor?.(found, query) }),
        ...(state !== null && { state }),
        ...manner.besides,
      })
      if (mode === 'form_post') return posted(redirectUri, members)
      const back = new URL(redirectUri)
      for (const [name, value] of members) back.searchParams.set(name, value)
      return redirect(`${back.href}${manner.fragment ?? ''}`)
    },

    /** What a code is worth: once, for the client and the address it was made for. */
    redeem: async (question: Question): Promise<Redeemed> => {
      const { form } = question
      const text = form.get('code') ?? ''
      const [clientId, secret] = credentialsOf(question)
      if (form.get('grant_type') !== 'authorization_code') return { refused: 'request' }
      if (!(await isSecret(clientId, secret))) return { refused: 'client' }
      if (knowsPkce === 'never' && form.has('code_verifier')) return { refused: 'client' }
      const code = codes.get(text)
      codes.delete(text)
      if (code === undefined || code.clientId !== clientId) return { refused: 'code' }
      if (code.redirectUri !== form.get('redirect_uri')) return { refused: 'redirect_uri' }
      if (knowsPkce === true && !fits(code, form.get('code_verifier')))
        return { refused: 'verifier' }
      const { person, scopes, nonce } = code
      const granted = { person, clientId, scopes, nonce }
      return { granted, accessToken: issue(granted) }
    },

    issue,
    /** Whose access token this is, to whom it was issued and for what. */
    holder: (token: string | null | undefined) => (token ? tokens.get(token) : undefined),
    isSecret,
  }
}
export type Grants = ReturnType<typeof createGrants>

/** A verifier for a code without a challenge is as wrong as none for one with (RFC 9700 §2.1.1). */
const fits = ({ challenge, method }: Code, verifier: string | null): boolean => {
  if (challenge === undefined) return verifier === null
  if (verifier === null) return false
  if (method !== 'S256') return verifier === challenge
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && !['javascript:', 'data:', 'vbscript:'].includes(new URL(text).protocol)
