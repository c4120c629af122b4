import { describe, test } from 'vitest'
import { isReachable } from '../../../../test/services/services.js'
import { emptiedPlace } from '../../../../test/stores/emptied-place.js'
import { fullLine } from '../../../../test/stores/full-line.js'
import { outages } from '../../../../test/stores/outages.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

describe.skipIf(!isReachable('mysql'))('on a server', () => {
  const emptied = emptiedPlace('mysql')
  storeContract('mysql', async () => sqlStore(await emptied()), { describe, test })

  storeContract(
    'mysql, two instances on one database',
    async () => {
      const place = await emptied()
      return [sqlStore(place), sqlStore(place)]
    },
    { describe, test },
  )

  storeContract(
    'mysql without prepared statements',
    async () => sqlStore(`${await emptied()}?prepare=false`),
    { describe, test, parts: ['users', 'sessions'] },
  )

  fullLine('mysql', async () => sqlStore(`${await emptied()}?pool=1`, { queue: 2 }))
})

outages('mysql', sqlStore)
