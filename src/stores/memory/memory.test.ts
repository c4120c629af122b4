import { describe, expect, test } from 'vitest'
import { sampleUser } from '../../testing/samples.js'
import { storeContract } from '../../testing/store-contract.js'
import { memoryStore } from './memory.js'

storeContract('memory', memoryStore, { describe, test })

describe('the memory store', () => {
  test('keeps nothing in common with another one', async () => {
    const [one, two] = [memoryStore(), memoryStore()]
    const user = sampleUser()
    await one.users.createIfAbsent(user)

    expect(await two.users.find(user.id)).toBeUndefined()
    expect(one.localSecret?.()).not.toBe(two.localSecret?.())
  })

  test('has a secret of its own that stays the same', () => {
    const store = memoryStore()

    expect(store.localSecret?.()).toMatch(/^[\w-]{43}$/)
    expect(store.localSecret?.()).toBe(store.localSecret?.())
  })

  test('never has migrations to run', async () => {
    const store = memoryStore()

    expect(await store.pendingMigrations()).toEqual([])
    expect(await store.migrate()).toEqual([])
    expect(await store.migrationScript()).toBe('')
    expect(await store.concerns()).toEqual([])
  })
})
