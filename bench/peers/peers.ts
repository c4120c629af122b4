import { betterAuth } from './better-auth.js'
import { express } from './express.js'
import { fastapi } from './fastapi.js'
import type { Peer } from './peer.js'

/** Everybody latchkey is measured against, besides a bare hello. */
export const peers: readonly Peer[] = [betterAuth, express, fastapi]
