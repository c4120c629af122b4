import { join } from 'node:path'
import { expect } from 'vitest'
import { createTrailKey } from '../../src/features/events/trail-key.js'
import { verifyTrail } from '../../src/features/events/verify.js'
import { localSecret } from '../../src/stores/local-secret.js'
import type { Ground } from './ground.js'

/** The trail proves itself, also while servers write it and however they ended. Returns how many processes wrote it. */
export const expectIntact = async ({ folder, look }: Ground): Promise<number> => {
  const keys = [createTrailKey(localSecret(join(folder, 'data', 'latchkey.key')))]
  const { findings, unchained, recorders } = await look.with((store) =>
    verifyTrail({ store, keys }),
  )
  expect({ findings, unchained }).toEqual({ findings: [], unchained: 0 })
  return recorders
}
