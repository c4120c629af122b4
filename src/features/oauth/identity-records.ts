import { z } from 'zod'
import { addSeconds, type Clock } from '../../lib/clock.js'
import { createId } from '../../lib/id.js'
import type { Seal } from '../../lib/seal.js'
import type { ProviderTokens } from './driver.js'
import type { Proof } from './providers.js'
import type { Identity, IdentityNews } from './store.js'

/** How identities are written down. Tokens of the provider only where the operator wants them, and then sealed. */
type Deps = { clock: Clock; seal: Seal; keepsTokens: boolean }

/** What a provider gave to us besides, to speak to it in the name of the user. */
export type KeptTokens = Omit<ProviderTokens, 'expiresInSeconds'> & {
  /** Null where the provider has not said. */
  expiresAt: Date | null
}

export const createIdentityRecords = ({ clock, seal, keepsTokens }: Deps) => {
  const sealed = (id: string, tokens: ProviderTokens | null, before?: KeptTokens) => {
    if (!keepsTokens || tokens === null) return null
    const { expiresInSeconds, ...rest } = tokens
    const expiresAt = expiresInSeconds === null ? null : addSeconds(clock(), expiresInSeconds)
    // many providers give a refresh token the first time only
    const refreshToken = rest.refreshToken ?? before?.refreshToken ?? null
    const text = seal.seal(JSON.stringify({ ...rest, refreshToken, expiresAt }), placeOf(id))
    return text.length > longestTokens ? null : text
  }

  const said = (id: string, { person, tokens }: Proof, before?: KeptTokens): IdentityNews => ({
    email: keepable(person.email),
    firstName: person.firstName,
    lastName: person.lastName,
    picture: person.picture,
    sealedTokens: sealed(id, tokens, before),
    lastUsedAt: clock(),
  })

  /** Undefined where there are none, or none that our secrets open. */
  const open = ({ id, sealedTokens }: Identity): KeptTokens | undefined => {
    const text = sealedTokens === null ? undefined : seal.open(sealedTokens, placeOf(id))
    return text === undefined ? undefined : keptTokens.safeParse(JSON.parse(text)).data
  }

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
      const news = said(known.id, proof, keepsTokens ? open(known) : undefined)
      return {
        ...news,
        sealedTokens: news.sealedTokens ?? (keepsTokens ? known.sealedTokens : null),
      }
    },
    open,
  }
}
export type IdentityRecords = ReturnType<typeof createIdentityRecords>

const keptTokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  scope: z.string().nullable(),
  expiresAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .nullable(),
})

const placeOf = (id: string): string => `tokens of identity ${id}`

/** Tokens are some thousand signs long at most; what is longer is not what we asked for. */
const longestTokens = 65_536

/** For people to look at; nobody is found by it. What is no line of text is left out. */
const keepable = (email: string | null): string | null =>
  email === null || email.length > 254 || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(email) ? null : email
