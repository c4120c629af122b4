import { express } from './express.js'
import type { Peer } from './peer.js'

/** Everybody latchkey is measured against, besides a bare hello. */
export const peers: readonly Peer[] = [express]
