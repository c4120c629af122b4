import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AuthError } from '../../errors.js'
import { equalBytes } from '../../lib/bytes.js'
import { addSeconds, type Clock } from '../../lib/clock.js'
import type { Seal } from '../../lib/seal.js'
import type { Store } from '../../stores/store.js'
import type { Vouched } from './provider-login.js'

/**
 * Codes that an app on another site trades for its grant: sealed, worth one exchange within a minute, and only for whoever
 * has the verifier (RFC 7636 §4.6). No token is ever in an address.
 */
type Deps = { store: Pick<Store, 'spent'>; seal: Seal; clock: Clock }

const place = 'oauth exchange code'
const lifetimeSeconds = 60

const sealedCode = z.strictObject({
  id: z.string(),
  userId: z.string(),
  identityId: z.string(),
  provider: z.string(),
  codeChallenge: z.string(),
  expiresAt: z.iso.datetime().transform((text) => new Date(text)),
})

export const createExchangeCodes = ({ store, seal, clock }: Deps) => ({
  make: (about: Vouched, codeChallenge: string): string => {
    const id = randomBytes(16).toString('base64url')
    const expiresAt = addSeconds(clock(), lifetimeSeconds)
    return seal.seal(JSON.stringify({ ...about, codeChallenge, id, expiresAt }), place)
  },

  /** @throws AuthError `invalid_exchange_code` */
  spend: async (code: string, codeVerifier: string): Promise<Vouched> => {
    const opened = seal.open(code, place)
    const { data } = sealedCode.safeParse(opened === undefined ? opened : JSON.parse(opened))
    const hash = createHash('sha256').update(codeVerifier).digest('base64url')
    const isRight =
      data !== undefined &&
      data.expiresAt > clock() &&
      equalBytes(Buffer.from(data.codeChallenge), Buffer.from(hash)) &&
      (await store.spent.spend(`exchange ${data.id}`, data.expiresAt))
    if (!isRight) throw new AuthError('invalid_exchange_code')
    const { userId, identityId, provider } = data
    return { userId, identityId, provider }
  },
})
export type ExchangeCodes = ReturnType<typeof createExchangeCodes>
