import { createHash, randomBytes } from 'node:crypto'
import { createProviderCalls } from '../../src/features/oauth/provider-calls.js'
import {
  type ConfiguredProvider,
  createProviders,
  type Proof,
} from '../../src/features/oauth/providers.js'
import { readSetups } from '../../src/features/oauth/setups.js'
import type { Clock } from '../../src/lib/clock.js'
import type { LoginProvider } from '../../src/options.js'

/** A provider as it is set up, asked by a person in a browser, without the rest of the server. */
export const redirectUri = 'http://localhost:8000/auth/oauth/callback'

export const configuredAt = (
  origin: string | undefined,
  given: LoginProvider,
  clock: Clock = () => new Date(),
): ConfiguredProvider => {
  const { setups, mistakes } = readSetups([given], 'http://localhost:8000')
  if (mistakes.length > 0) throw new Error(JSON.stringify(mistakes))
  const calls = createProviderCalls({ standIn: origin })
  return createProviders({ setups, calls, clock }).require(given.name)
}

export type Trip = {
  provider: ConfiguredProvider
  /** Whom the stand-in lets in. Default: its first person */
  who?: string | undefined
  /** An app of the operator's own begins without a nonce. */
  withNonce?: boolean
}

/** What the browser brings back. */
export const visit = async ({ provider, who, withNonce = true }: Trip) => {
  const codeVerifier = randomBytes(32).toString('base64url')
  const [state, nonce] = ['state-1', withNonce ? 'nonce-1' : undefined]
  const url = await provider.authorizationUrl({
    ...{ redirectUri, state, nonce: nonce ?? '', codeVerifier },
  })
  if (nonce === undefined) url.searchParams.delete('nonce')
  if (who !== undefined) url.searchParams.set('login_hint', who)
  const answer = await fetch(url, { redirect: 'manual' })
  const back = await backFrom(answer)
  return { url, back, codeVerifier, nonce, state }
}

/** In the address, or in a form that the page of the provider posts. */
const backFrom = async (answer: Response): Promise<URLSearchParams> => {
  const location = answer.headers.get('location')
  if (location !== null) return new URL(location).searchParams
  const page = await answer.text()
  const fields = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)]
  return new URLSearchParams(Object.fromEntries(fields.map(([, name, value]) => [name, value])))
}

/** The whole way, from the button to what is known of somebody. */
export const signIn = async (trip: Trip): Promise<Proof> => {
  const { back, codeVerifier, nonce } = await visit(trip)
  return trip.provider.byCode({
    ...{ code: back.get('code') ?? '', codeVerifier, redirectUri, nonce },
    issuer: back.get('iss') ?? undefined,
  })
}

export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url')

/** The code of what something was refused with, and 'nothing' where it was not. */
export const refusalOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
