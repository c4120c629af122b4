import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fullLine } from '../../../../test/stores/full-line.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const emptyPlace = (): string => {
  count += 1
  return `sqlite:${join(folder, `${count}.db`)}`
}

storeContract('sqlite', () => sqlStore(emptyPlace()), { describe, test })

storeContract(
  'sqlite, two instances on one file',
  () => {
    const place = emptyPlace()
    return [sqlStore(place), sqlStore(place)]
  },
  { describe, test },
)

// the one that is written counts among those who wait
fullLine('sqlite', async () => sqlStore(emptyPlace(), { queue: 3 }))
