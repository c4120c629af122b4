import { describe, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import { outages } from '../../../../test/stores/outages.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

const emptyPlace = async (): Promise<string> => (await openService('postgres')).fresh()

describe.skipIf(!isReachable('postgres'))('on a server', () => {
  storeContract('postgres', async () => sqlStore(await emptyPlace()), { describe, test })

  storeContract(
    'postgres, two instances on one database',
    async () => {
      const place = await emptyPlace()
      return [sqlStore(place), sqlStore(place)]
    },
    { describe, test },
  )

  storeContract(
    'postgres without prepared statements',
    async () => sqlStore(`${await emptyPlace()}?prepare=false`),
    { describe, test, parts: ['users', 'sessions'] },
  )
})

outages('postgres', sqlStore)
