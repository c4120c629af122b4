import { addSeconds, type Clock } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import type { Seal } from '../../lib/seal.js'
import type { ProviderTokens } from './driver.js'
import type { Proof } from './providers.js'
import type { Identity, IdentityNews } from './store.js'

/** How identities are written down. Tokens of the provider only where the operator wants them, and then sealed. */
type Deps = { clock: Clock; seal: Seal; keepsTokens: boolean }

export const createIdentityRecords = ({ clock, seal, keepsTokens }: Deps) => {
  const sealed = (id: string, tokens: ProviderTokens | null): string | null => {
    if (!keepsTokens || tokens === null) return null
    const { expiresInSeconds, ...rest } = tokens
    const expiresAt = expiresInSeconds === null ? null : addSeconds(clock(), expiresInSeconds)
    return seal.seal(JSON.stringify({ ...rest, expiresAt }), placeOf(id))
  }

  const said = (id: string, { person, tokens }: Proof): IdentityNews => ({
    email: person.email === null ? null : person.email.slice(0, 254),
    firstName: person.firstName,
    lastName: person.lastName,
    picture: person.picture,
    sealedTokens: sealed(id, tokens),
    lastUsedAt: clock(),
  })

  return {
    make: (userId: string, provider: { name: string }, proof: Proof): Identity => {
      const id = createId(clock())
      const { subject } = proof.person
      return {
        id,
        userId,
        provider: provider.name,
        subject,
        createdAt: clock(),
        ...said(id, proof),
      }
    },
    /** Tokens of before stay where none came this time. */
    news: (known: Identity, proof: Proof): IdentityNews => {
      const news = said(known.id, proof)
      return {
        ...news,
        sealedTokens: news.sealedTokens ?? (keepsTokens ? known.sealedTokens : null),
      }
    },
  }
}
export type IdentityRecords = ReturnType<typeof createIdentityRecords>

const placeOf = (id: string): string => `tokens of identity ${id}`
