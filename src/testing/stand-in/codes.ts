import { createHash, randomBytes } from 'node:crypto'
import { type Answer, json, type Question, redirect, type StandInPerson } from './look.js'

/** The code grant as every look-alike has it (RFC 6749 §4.1, RFC 7636): strict, so that a mistake of ours shows. */
type Granted = {
  person: StandInPerson
  clientId: string
  redirectUri: string
  nonce: string | null
  codeChallenge: string | null
}

export const secretOf = (clientId: string): string => `${clientId}-secret`

export const createCodes = (people: readonly StandInPerson[]) => {
  const codes = new Map<string, Granted>()
  const tokens = new Map<string, { person: StandInPerson; clientId: string }>()

  const personOf = (hint: string | null): StandInPerson | undefined =>
    hint === null
      ? people[0]
      : people.find(({ subject, email }) => hint === subject || hint === email)

  return {
    /** Who signs in is chosen on a page, or by `login_hint` where the caller wants no page. */
    authorize: ({ query, headers, path }: Question, title: string): Answer => {
      const redirectUri = query.get('redirect_uri')
      const clientId = query.get('client_id')
      if (redirectUri === null || clientId === null || query.get('response_type') !== 'code')
        return json({ error: 'invalid_request' }, 400)
      const hint = query.get('login_hint')
      if (hint === null && headers.accept?.includes('text/html'))
        return page(title, path, query, people)
      const back = new URL(redirectUri)
      const state = query.get('state')
      if (state !== null) back.searchParams.set('state', state)
      const person = personOf(hint)
      if (person === undefined) back.searchParams.set('error', 'access_denied')
      else {
        const code = randomBytes(24).toString('base64url')
        const [nonce, codeChallenge] = [query.get('nonce'), query.get('code_challenge')]
        codes.set(code, { person, clientId, redirectUri, nonce, codeChallenge })
        back.searchParams.set('code', code)
      }
      return redirect(back)
    },
    /** What a code is worth: once, for the client and the address it was made for. */
    redeem: ({ form, headers }: Question): (Granted & { accessToken: string }) | undefined => {
      const code = form.get('code') ?? ''
      const granted = codes.get(code)
      codes.delete(code)
      const [clientId, secret] = credentialsOf(form, headers.authorization)
      if (granted === undefined || granted.clientId !== clientId || secret !== secretOf(clientId))
        return undefined
      if (granted.redirectUri !== form.get('redirect_uri')) return undefined
      const hash = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      if (granted.codeChallenge !== null && granted.codeChallenge !== hash) return undefined
      return { ...granted, accessToken: issue(granted.person, clientId) }
    },
    issue: (person: StandInPerson, clientId: string): string => issue(person, clientId),
    /** Whose access token this is, and to whom it was issued. */
    holder: (token: string | null | undefined) => (token ? tokens.get(token) : undefined),
  }

  function issue(person: StandInPerson, clientId: string): string {
    const token = randomBytes(24).toString('base64url')
    tokens.set(token, { person, clientId })
    return token
  }
}

export const bearerOf = ({ headers }: Question): string | undefined =>
  /^(?:Bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1]

const credentialsOf = (
  form: URLSearchParams,
  authorization: string | undefined,
): [string, string] => {
  if (!authorization?.startsWith('Basic '))
    return [form.get('client_id') ?? '', form.get('client_secret') ?? '']
  const [id = '', secret = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':')
  return [decodeURIComponent(id), decodeURIComponent(secret)]
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const page = (
  title: string,
  path: string,
  query: URLSearchParams,
  people: readonly StandInPerson[],
): Answer => {
  const link = (hint: string, label: string): string =>
    `<li><a href="${escaped(`${path}?${new URLSearchParams([...query, ['login_hint', hint]])}`)}">${escaped(label)}</a></li>`
  return {
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} (stand-in)</title><h1>Sign in at a stand-in for ${escaped(title)}</h1><ul>${people.map(({ subject, firstName, lastName, email }) => link(subject, `${firstName} ${lastName} ${email ?? ''}`)).join('')}${link('nobody', 'Cancel')}</ul></html>`,
  }
}
