import { describe, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import { outages } from '../../../../test/stores/outages.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

const emptyPlace = async (): Promise<string> => (await openService('mysql')).fresh()

describe.skipIf(!isReachable('mysql'))('on a server', () => {
  storeContract('mysql', async () => sqlStore(await emptyPlace()), { describe, test })

  storeContract(
    'mysql, two instances on one database',
    async () => {
      const place = await emptyPlace()
      return [sqlStore(place), sqlStore(place)]
    },
    { describe, test },
  )

  storeContract(
    'mysql without prepared statements',
    async () => sqlStore(`${await emptyPlace()}?prepare=false`),
    { describe, test, parts: ['users', 'sessions'] },
  )
})

outages('mysql', sqlStore)
