import { initial } from './0001-initial.js'
import { sessionIndexes } from './0002-session-indexes.js'
import { attempts } from './0003-attempts.js'
import { auditChain } from './0004-audit-chain.js'
import { numbers } from './0005-numbers.js'
import { identities } from './0006-identities.js'
import { liveSessions } from './0007-live-sessions.js'
import type { Migration } from './migration.js'

/** In order; a new one goes to the end. */
export const migrations: readonly Migration[] = [
  initial,
  sessionIndexes,
  attempts,
  auditChain,
  numbers,
  identities,
  liveSessions,
]
