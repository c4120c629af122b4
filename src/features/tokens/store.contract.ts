import { deepEqual, equal } from 'node:assert/strict'
import { type Contract, race } from '../../testing/place.js'
import { sampleKey } from '../../testing/samples.js'

/** What every store of signing keys must prove. */
export const keyContract: Contract = {
  'keys read back as they were written, in order of their sequence': async ({ store }) => {
    deepEqual(await store.keys.list(), [])
    const [first, second, tenth] = [sampleKey(1), sampleKey(2), sampleKey(10)]
    for (const key of [tenth, first, second]) equal(await store.keys.append(key), true)

    deepEqual(await store.keys.list(), [first, second, tenth])
  },

  'a sequence number or an id that is taken changes nothing': async ({ store }) => {
    const key = sampleKey(1)
    await store.keys.append(key)

    equal(await store.keys.append(sampleKey(1)), false)
    equal(await store.keys.append(sampleKey(2, { id: key.id })), false)
    deepEqual(await store.keys.list(), [key])
  },

  'a removed key is gone; the others stay': async ({ store }) => {
    const [first, second] = [sampleKey(1), sampleKey(2)]
    for (const key of [first, second]) await store.keys.append(key)
    await store.keys.remove(first.id)
    await store.keys.remove('nobody')

    deepEqual(await store.keys.list(), [second])
  },

  'of many who append a key of one number at once, one does': async (place) => {
    const appended = await race(place, async ({ keys }, gate) => {
      const next = ((await keys.list()).at(-1)?.sequence ?? 0) + 1
      await gate()
      const key = sampleKey(next)
      return (await keys.append(key)) ? [key] : []
    })

    equal(appended.flat().length, 1)
    deepEqual(await place.store.keys.list(), appended.flat())
  },
}
