import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isReachable, openService, type Service } from '../../../../test/services/services.js'
import { AuthError } from '../../../errors.js'
import { sampleUser } from '../../../testing/samples.js'
import { sqlStore } from '../sql.js'

describe.skipIf(!isReachable('mysql'))('what a work throws on MySQL', () => {
  let service: Service
  beforeAll(async () => {
    service = await openService('mysql')
  })
  afterAll(() => service?.stop())

  test.each([
    ['a refusal', new AuthError('account_not_found')],
    ['an error with a code of the system', Object.assign(new Error('no'), { code: 'ENOENT' })],
    ['an error that calls itself fatal', Object.assign(new Error('no'), { fatal: true })],
  ])('is thrown on as it is, and nothing stays: %s', async (_, own) => {
    const store = sqlStore(await service.fresh())
    onTestFinished(() => store.close())
    await store.migrate()
    const work = store.transaction(async ({ users }) => {
      await users.createIfAbsent(sampleUser())
      throw own
    })

    await expect(work).rejects.toBe(own)
    expect(await store.users.list({ limit: 9 })).toEqual([])
  })
})
