import type { Verb } from './verb.js'
import { withAuth } from './with-auth.js'

/** latchkey audit key: with it anybody can check the signature of a checkpoint. */
export const auditKey: Verb = (task) =>
  withAuth(task, async ({ trail }) => {
    const { publicKey } = trail
    task.output.result({ algorithm: 'Ed25519', public_key: publicKey }, () => publicKey.trimEnd())
  })
