import { expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/stores/store.js'

/** instances that start at once on an empty place. */
export const startingTogether = (emptyPlace: () => Promise<string>, open: (url: string) => Store) =>
  test('R-21: of five instances that start at once one migrates, and the others wait', async () => {
    const place = await emptyPlace()
    const stores = Array.from({ length: 5 }, () => open(place))
    onTestFinished(async () => {
      for (const store of stores) await store.close()
    })
    const pending = await stores[0]?.pendingMigrations()
    const done = await Promise.all(stores.map((store) => store.migrate()))

    expect(pending).not.toEqual([])
    expect(done.filter((names) => names.length > 0)).toEqual([pending])
    for (const store of stores) expect(await store.pendingMigrations()).toEqual([])
  })
