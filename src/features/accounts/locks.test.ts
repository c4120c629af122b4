import { describe, expect, test } from 'vitest'
import { createTestAuth, type TestAuth } from '../../testing/test-auth.js'

const operator = { actor: 'cli' }

const guess = async ({ auth, ada }: TestAuth, addresses: readonly string[]): Promise<void> => {
  for (const address of addresses)
    await auth.login({ ...ada, password: 'wrong' }, { address }).catch(() => undefined)
}

/** Ada is locked for one address, with as few guesses as can be. */
const locked = async (address: string): Promise<TestAuth> => {
  const test = await createTestAuth({ locks: { afterFailures: 3 } })
  await guess(test, [address, address])
  test.clock.advance('1s')
  await guess(test, [address])
  return test
}

describe('locks', () => {
  test('are listed with the account, the address, the failures and the end, until then', async () => {
    const { auth, ada, clock } = await locked('192.0.2.1')
    const { id } = await auth.users.find(ada.email)
    const until = new Date(clock().getTime() + 900_000)
    expect(await auth.locks.list()).toEqual([
      {
        key: expect.stringMatching(/^pair\./),
        kind: 'pair',
        userId: id,
        email: ada.email,
        address: '192.0.2.1',
        failures: 3,
        until,
      },
    ])

    clock.advance('15m')
    expect(await auth.locks.list()).toEqual([])
  })

  test.each(['2001:db8:1:2::77', '2001:db8:1:2::/64', '2001:DB8:1:2:0:0:0:9'])(
    'of a network are ended by any of its addresses: %s',
    async (name) => {
      const { auth, ada, events } = await locked('2001:db8:1:2::1')
      await auth.locks.clear(name, operator)

      await expect(auth.login(ada, { address: '2001:db8:1:2::1' })).resolves.toBeDefined()
      expect(events.find(({ type }) => type === 'locks.cleared')).toMatchObject({
        actorId: 'cli',
        subjectId: null,
        details: { address: '2001:db8:1:2::/64' },
      })
    },
  )

  test('of an account are ended by each of its names, and those of others stay', async () => {
    const test = await locked('192.0.2.1')
    const { auth, ada } = test
    const { id } = await auth.users.find(ada.email)
    await auth.users.create({ username: 'bob', password: ada.password }, operator)
    expect(await auth.locks.clear('bob', operator)).toBe(0)
    expect(await auth.locks.list()).toHaveLength(1)

    expect(await auth.locks.clear(id, operator)).toBe(2) // from this address, and from all
    expect(await auth.locks.list()).toEqual([])
  })

  test('end all together only when that is said', async () => {
    const { auth } = await locked('192.0.2.1')
    await expect(auth.locks.clear('', operator)).rejects.toMatchObject({
      code: 'account_not_found',
    })

    expect(await auth.locks.clear({ all: true }, operator)).toBe(1)
    expect(await auth.locks.list()).toEqual([])
  })

  test('go with the account when it is removed', async () => {
    const { auth, ada } = await locked('192.0.2.1')
    const { accessToken } = await auth.login(ada, { address: '192.0.2.2' })
    const { user } = await auth.authenticate(accessToken)
    await auth.deleteAccount(user, ada.password, { address: '192.0.2.2' })

    expect(await auth.locks.list()).toEqual([])
  })
})
