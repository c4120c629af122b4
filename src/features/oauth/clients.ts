import { hash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import { decodeBase64, equalBytes } from '../../lib/bytes.js'

/** OAuth clients: services of the host that may ask about tokens and end them, each with a secret of its own. */
export type OAuthClient = { id: string; secret: string }

export const createClients = (clients: readonly OAuthClient[]) => {
  const digests = new Map(clients.map(({ id, secret }) => [id, digestOf(secret)]))
  const nobody = digestOf('')

  const isRight = ({ id, secret }: OAuthClient): boolean => {
    const known = digests.get(id)
    const isSecret = equalBytes(digestOf(secret), known ?? nobody)
    return known !== undefined && isSecret
  }

  return {
    /** Without one there is nothing to ask. */
    exist: clients.length > 0,
    /**
     * The id of the client that sent this: by HTTP Basic authentication or as `client_id` and `client_secret` in the form,
     * never both (RFC 6749 §2.3.1).
     *
     * @throws AuthError `invalid_client`, or `malformed_request` when it authenticates in two ways
     */
    require: (authorization: string | undefined, form: unknown): string => {
      const { client_id: id, client_secret: secret } = membersOf(form)
      if (authorization !== undefined && secret !== undefined)
        throw new AuthError('malformed_request')
      const client = authorization === undefined ? pairOf(id, secret) : basicOf(authorization)
      if (client === undefined || !isRight(client)) throw new AuthError('invalid_client')
      if (id !== undefined && id !== client.id) throw new AuthError('malformed_request')
      return client.id
    },
  }
}
export type Clients = ReturnType<typeof createClients>

const digestOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')

type Form = { client_id?: unknown; client_secret?: unknown }

const membersOf = (form: unknown): Form => (typeof form === 'object' && form !== null ? form : {})

const pairOf = (id: unknown, secret: unknown): OAuthClient | undefined =>
  typeof id === 'string' && typeof secret === 'string' ? { id, secret } : undefined

/** Both halves are written as in a form, so that a colon in an id is no colon (RFC 6749 §2.3.1). */
const basicOf = (authorization: string): OAuthClient | undefined => {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  const [, id, secret] = /^([^:]+):(.+)$/s.exec(textOf(encoded)) ?? []
  try {
    return pairOf(unescaped(id), unescaped(secret))
  } catch {
    return undefined
  }
}

const textOf = (encoded: string): string => decodeBase64(encoded)?.toString('latin1') ?? ''

const unescaped = (text: string | undefined): string | undefined =>
  text && decodeURIComponent(text.replaceAll('+', ' '))
