import { expect, onTestFinished, test } from 'vitest'
import type { Store } from '../../src/stores/store.js'
import { sampleUser } from '../../src/testing/samples.js'

/** What every store does when as many wait for it as may: others are sent away, and whoever was let in is served. */
export const fullLine = (
  name: string,
  /** A store that does one thing at once, behind which two may wait. */
  open: () => Promise<Store>,
): void => {
  test(`${name}: who finds the line full is sent away at once, and who was let in loses nothing`, async () => {
    const store = await open()
    onTestFinished(() => store.close())
    await store.migrate()
    const [line] = store.lines ?? []
    const [inside, end] = [gate(), gate()]
    const first = sampleUser()
    const holding = store.transaction(async ({ users }) => {
      await users.createIfAbsent(first)
      inside.pass()
      await end.passed
    })
    await inside.passed

    const others = Array.from({ length: 6 }, () => sampleUser())
    const asked = others.map((user) => store.users.createIfAbsent(user).catch((error) => error))
    const sentAway = { code: 'overloaded', status: 503, retryAfterSeconds: 1 }
    for (const outcome of await Promise.all(asked.slice(2))) expect(outcome).toMatchObject(sentAway)
    expect([line?.sentAway(), line?.waiting()]).toEqual([4, line?.most])
    end.pass()
    await holding

    expect(await Promise.all(asked.slice(0, 2))).toEqual(['created', 'created'])
    expect(line?.waiting()).toBe(0)
    for (const { id } of [first, ...others.slice(0, 2)])
      expect(await store.users.find(id)).toMatchObject({ id })
  })
}

const gate = () => {
  let pass = (): void => {}
  const passed = new Promise<void>((resolve) => {
    pass = resolve
  })
  return { passed, pass: () => pass() }
}
