import { describe, test } from 'vitest'
import { isReachable, openService } from '../../../../test/services/services.js'
import { outages } from '../../../../test/stores/outages.js'
import { storeContract } from '../../../testing/store-contract.js'
import { sqlStore } from '../sql.js'

const emptyPlace = async (): Promise<string> => (await openService('mssql')).fresh()

describe.skipIf(!isReachable('mssql'))('on a server', () => {
  storeContract('sqlserver', async () => sqlStore(await emptyPlace()), { describe, test })

  storeContract(
    'sqlserver, two instances on one database',
    async () => {
      const place = await emptyPlace()
      return [sqlStore(place), sqlStore(place)]
    },
    { describe, test },
  )
})

outages('mssql', sqlStore)
