import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { exportJWK, exportPKCS8 } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { ConfigurationError } from '../../errors.js'
import type { Caller } from '../../lib/caller.js'
import { addSeconds, type Clock, secondsBetween } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Peers } from '../../lib/peers.js'
import type { Seal } from '../../lib/seal.js'
import type { Events } from '../events/events.js'
import { type KeyState, keyState, prePublishSeconds } from './key-states.js'
import type { Signer } from './sign-token.js'
import type { KeyStore, SigningKey } from './store.js'

/** Keys: ES256 pairs that are generated, sealed at rest, published before they sign, and replaced in time. */
type Deps = {
  keys: KeyStore
  events: Events
  seal: Seal
  clock: Clock
  log: Log
  rotateSeconds: number
  /** They are told of a new key, and we of theirs; without them it is found out in time. */
  peers?: Peers | undefined
}

/** What is known of a key outside this room. */
export type KeyInfo = {
  id: string
  algorithm: string
  state: KeyState
  createdAt: Date
  activatesAt: Date
}

const algorithm = 'ES256'
const reloadSeconds = 10
const server: Caller = { actor: 'server' }

export const createKeys = (deps: Deps) => {
  const { keys: store, events, seal, clock, log, rotateSeconds, peers } = deps
  let known: readonly SigningKey[] = []
  let loadedAt: Date | undefined
  let loading: Promise<void> | undefined
  const verifiers = new Map<string, KeyObject>()
  const signers = new Map<string, KeyObject>()
  const onChange = new Set<() => void>()

  const load = async (): Promise<void> => {
    let found = await store.list()
    const newest = found.at(-1)
    if (newest === undefined || secondsBetween(newest.activatesAt, clock()) > rotateSeconds) {
      const [delaySeconds, reason] =
        newest === undefined ? [0, 'first'] : [prePublishSeconds, 'age']
      await add(found, delaySeconds, reason)
      found = await store.list()
    }
    for (const key of found)
      if (keyState(key, found, clock()) === 'gone') await store.remove(key.id)
    if (found.map(({ id }) => id).join() !== known.map(({ id }) => id).join()) {
      for (const changed of onChange) changed()
      if (known.length > 0) void peers?.tell({ about: 'keys' })
    }
    known = found
    loadedAt = clock()
  }

  /** One load at a time; the others wait for the same. */
  const reload = (): Promise<void> => {
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }

  const tryReload = (): Promise<void> =>
    reload().catch((error: unknown) =>
      log.warn({ err: error }, 'signing keys could not be read again'),
    )
  peers?.listen(({ about }) => {
    if (about === 'keys' && loadedAt !== undefined) void tryReload()
  })

  /** Fresh enough keys. A store that is away does not stop verification: the last known keys go on. */
  const refreshed = async (): Promise<readonly SigningKey[]> => {
    if (loadedAt === undefined) await reload()
    else if (secondsBetween(loadedAt, clock()) >= reloadSeconds) await tryReload()
    return known
  }

  const add = async (
    present: readonly SigningKey[],
    delaySeconds: number,
    reason: string,
    caller: Caller = server,
  ): Promise<void> => {
    const now = clock()
    const key = await generate(present, seal, now, addSeconds(now, delaySeconds))
    await events.commit(async ({ keys, record }) => {
      const added = await keys.append(key)
      if (added) await record('key.created', caller, { details: { key: key.id, reason } })
    })
  }

  const isPublished = (key: SigningKey): boolean => keyState(key, known, clock()) !== 'gone'

  return {
    /** Loads the keys and makes the first one. @throws ConfigurationError when the secret does not open them */
    ready: async (): Promise<void> => {
      await reload()
      const active = known.find((key) => keyState(key, known, clock()) === 'active')
      if (active !== undefined) signerOf(active, signers, seal)
    },
    /** The key that signs now. */
    signer: async (): Promise<Signer> => {
      const list = await refreshed()
      const active = list.find((key) => keyState(key, list, clock()) === 'active')
      if (active === undefined) throw new Error('No signing key is active')
      return {
        id: active.id,
        algorithm: active.algorithm,
        key: signerOf(active, signers, seal),
      }
    },
    /** The published key of this id, or undefined. */
    verifier: async (id: string): Promise<{ algorithm: string; key: KeyObject } | undefined> => {
      const find = (list: readonly SigningKey[]): SigningKey | undefined =>
        list.find((key) => key.id === id && isPublished(key))
      const key = find(await refreshed())
      return key && { algorithm: key.algorithm, key: verifierOf(key, verifiers) }
    },
    /** RFC 7517 §5: public members only. */
    jwks: async (): Promise<{ keys: JWK[] }> => {
      const list = await refreshed()
      return { keys: list.filter(isPublished).map(publicJwk) }
    },
    list: async (): Promise<KeyInfo[]> => {
      await reload()
      return known.map((key) => ({
        id: key.id,
        algorithm: key.algorithm,
        state: keyState(key, known, clock()),
        createdAt: key.createdAt,
        activatesAt: key.activatesAt,
      }))
    },
    /** Makes the next key. It signs after everybody had time to fetch it, or at once if told so. */
    rotate: async (
      { atOnce = false }: { atOnce?: boolean } = {},
      caller: Caller = server,
    ): Promise<void> => {
      const present = await store.list()
      const waits = present.some((key) => keyState(key, present, clock()) === 'next')
      if (waits && !atOnce) return reload()
      await add(present, atOnce ? 0 : prePublishSeconds, 'asked', caller)
      await reload()
    },
    onChange: (listener: () => void) => onChange.add(listener),
  }
}
export type Keys = ReturnType<typeof createKeys>

const generate = async (
  present: readonly SigningKey[],
  seal: Seal,
  now: Date,
  activatesAt: Date,
): Promise<SigningKey> => {
  const pair = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await exportJWK(pair.publicKey)
  const id = await calculateJwkThumbprint(jwk)
  return {
    id,
    sequence: (present.at(-1)?.sequence ?? 0) + 1,
    algorithm,
    publicJwk: JSON.stringify(jwk),
    sealedPrivateKey: seal.seal(await exportPKCS8(pair.privateKey), place(id)),
    createdAt: now,
    activatesAt,
  }
}

/** Whether these secrets open what a key was sealed with. */
export const canOpen = (key: SigningKey, seal: Seal): boolean =>
  seal.open(key.sealedPrivateKey, place(key.id)) !== undefined

const place = (id: string): string => `signing key ${id}`

const publicJwk = ({ id, algorithm: alg, publicJwk: text }: SigningKey): JWK => {
  const { kty = 'EC', crv = '', x = '', y = '' }: JWK = JSON.parse(text)
  return { kid: id, alg, use: 'sig', kty, crv, x, y }
}

const verifierOf = (key: SigningKey, memory: Map<string, KeyObject>): KeyObject => {
  const present = memory.get(key.id)
  if (present !== undefined) return present
  const read = createPublicKey({ key: { ...publicJwk(key) }, format: 'jwk' })
  memory.set(key.id, read)
  return read
}

const signerOf = (key: SigningKey, memory: Map<string, KeyObject>, seal: Seal): KeyObject => {
  const present = memory.get(key.id)
  if (present !== undefined) return present
  const pem = seal.open(key.sealedPrivateKey, place(key.id))
  if (pem === undefined) {
    throw new ConfigurationError([
      {
        option: 'secret',
        detail:
          'does not open the signing keys in the store. Give the secret they were sealed with (LATCHKEY_SECRET or the key file beside the database), or as LATCHKEY_PREVIOUS_SECRET when it was replaced.',
      },
    ])
  }
  const opened = createPrivateKey(pem)
  memory.set(key.id, opened)
  return opened
}
