import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { equalBytes } from '../../lib/bytes.js'
import { addSeconds, type Clock } from '../../lib/clock.js'
import { deriveKey } from '../../lib/derive-key.js'
import type { Seal } from '../../lib/seal.js'

/**
 * A sign-in under way. Nothing of it is kept here: `state` holds it, sealed, and goes to the provider and back. It is worth
 * nothing without the cookie of the browser in which it was started: the PKCE verifier and the nonce are made of both, under
 * a key of ours, and leave this process to the provider only. docs/decisions/0024-sign-ins-under-way.md
 */
export type Flow = {
  id: string
  provider: string
  expiresAt: Date
  returnTo: string
  /** Where the grant is fetched by an app: what its verifier must hash to (RFC 7636 §4.2). Without it: a cookie. */
  codeChallenge?: string | undefined
  /** The owner of the address takes over an account whose address was never confirmed. */
  claim?: true | undefined
  /** An account to which the login is linked, and the session that wants it. */
  link?: { userId: string; sessionId: string } | undefined
}

const flowSeconds = 600

const sealedFlow = z.strictObject({
  id: z.string(),
  browser: z.string(),
  provider: z.string(),
  expiresAt: z.iso.datetime().transform((text) => new Date(text)),
  returnTo: z.string(),
  codeChallenge: z.string().optional(),
  claim: z.literal(true).optional(),
  link: z.strictObject({ userId: z.string(), sessionId: z.string() }).optional(),
})

const place = 'oauth flow'
const browserPattern = /^[\w-]{43}$/

type Secrets = { nonce: string; codeVerifier: string }

export const createFlows = ({
  seal,
  secret,
  clock,
}: {
  seal: Seal
  secret: string
  clock: Clock
}) => {
  const key = deriveKey(secret, 'oauth flow')
  const made = (purpose: string, ...parts: string[]): string =>
    createHmac('sha256', key)
      .update([purpose, ...parts].join(' '))
      .digest('base64url')

  const secretsOf = (id: string, browser: string): Secrets => ({
    nonce: made('nonce', id, browser),
    codeVerifier: made('verifier', id, browser),
  })

  return {
    /** @param browser the cookie of the browser, where it has one; else it is given a new one */
    begin: (
      about: Omit<Flow, 'id' | 'expiresAt'>,
      browser: string | undefined,
    ): Secrets & { state: string; browser: string; lastsSeconds: number } => {
      const known = browser && browserPattern.test(browser) ? browser : undefined
      const cookie = known ?? randomBytes(32).toString('base64url')
      const id = randomBytes(16).toString('base64url')
      const state = seal.seal(
        JSON.stringify({
          ...about,
          id,
          browser: made('browser', cookie),
          expiresAt: addSeconds(clock(), flowSeconds),
        }),
        place,
      )
      return { ...secretsOf(id, cookie), state, browser: cookie, lastsSeconds: flowSeconds }
    },
    /** The flow of this browser and this provider that has not expired; undefined for everything else. */
    open: (
      state: string | undefined,
      { provider, browser }: { provider: string; browser: string | undefined },
    ): (Flow & Secrets) | undefined => {
      if (state === undefined || browser === undefined) return undefined
      const opened = seal.open(state, place)
      const { data } = sealedFlow.safeParse(opened === undefined ? opened : JSON.parse(opened))
      if (data === undefined || data.provider !== provider) return undefined
      const { browser: bound, ...flow } = data
      const isSame = equalBytes(Buffer.from(bound), Buffer.from(made('browser', browser)))
      if (!isSame || flow.expiresAt <= clock()) return undefined
      return { ...flow, ...secretsOf(flow.id, browser) }
    },
  }
}
export type Flows = ReturnType<typeof createFlows>
