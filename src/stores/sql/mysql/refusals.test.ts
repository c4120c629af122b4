import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  isOwnable,
  isReachable,
  type OwnService,
  openService,
} from '../../../../test/services/services.js'
import { changed, openStore, refusalOf } from '../../../../test/stores/refusals.js'
import { asOwner } from '../../../../test/stores/sql-admin.js'
import { sampleSession } from '../../../testing/samples.js'

describe.skipIf(!isReachable('mysql'))('MySQL refuses a start in words that help', () => {
  test('a wrong password, a wrong user', async () => {
    const { url } = await openService('mysql')

    expect(await refusalOf(changed(url, { password: 'topsecret' }))).toMatch(/password that MySQL/)
    expect(await refusalOf(changed(url, { username: 'nobody' }))).toMatch(/password that MySQL/)
  })

  test('a database that is not there', async () => {
    const { adminUrl, url } = await openService('mysql')

    expect(await refusalOf(changed(adminUrl, { pathname: '/nowhere' }))).toContain(
      'does not exist. Make it: create database nowhere',
    )
    expect(await refusalOf(changed(url, { pathname: '/nowhere' }))).toContain(
      'create database nowhere; and let them in: grant all on nowhere.*',
    )
  })

  test('what a failed statement held is not told', async () => {
    const store = openStore(await (await openService('mysql')).fresh())
    await store.migrate()
    const session = sampleSession({ nonce: 'topsecret', address: 'topsecret' })
    await store.sessions.insert(session)
    const error: unknown = await store.sessions.insert(session).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ message: 'ER_DUP_ENTRY (1062)', errno: 1062 })
    expect(JSON.stringify(error)).not.toContain(session.id)
    expect(error instanceof Error && error.stack).not.toContain(session.id)
  })

  test('what is needless to say to us may be said', () => {
    expect(() => openStore('mysql+pymysql://ada:pw@db/latchkey?charset=utf8mb4')).not.toThrow()
    expect(() => openStore('mariadb://ada:pw@db/latchkey?charset=latin1')).toThrow(
      'parameter charset',
    )
  })

  test('the way to another machine is a concern unless it is encrypted', async () => {
    expect(await openStore('mysql://ada:pw@db/latchkey').concerns()).toMatchObject([
      { concern: 'the way to MySQL is not encrypted' },
    ])
    for (const url of ['mysql://db/latchkey?sslmode=verify-full', 'mysql://localhost/latchkey'])
      expect(await openStore(url).concerns()).toEqual([])
  })
})

describe.skipIf(!isOwnable('mysql'))('a MySQL', () => {
  test('that only reads starts nothing new, and serves what is there', async () => {
    const server = await openService('mysql', { own: true })
    onTestFinished(() => server.stop())
    const [url, empty] = [await server.fresh({ keep: true }), await server.fresh({ keep: true })]
    const store = openStore(url)
    await store.migrate()
    await asOwner.mysql(server.adminUrl, url, 'set global read_only = 1')

    expect(await refusalOf(empty)).toContain('leads to a server that only reads')
    const unavailable = { code: 'store_unavailable' }
    await expect(store.sessions.insert(sampleSession())).rejects.toMatchObject(unavailable)
    expect(await openStore(url).migrate()).toEqual([])
    expect(await store.users.find('nobody')).toBeUndefined()
    await asOwner.mysql(server.adminUrl, url, 'set global read_only = 0')
    await store.sessions.insert(sampleSession())
  })

  test('that has no connection left says so', async () => {
    const server = await openService('mysql', {
      own: true,
      settings: { 'max-user-connections': '1' },
    })
    onTestFinished(() => server.stop())
    const url = await server.fresh({ keep: true })
    const store = openStore(url)
    await store.users.find('nobody').catch(() => {})

    expect(await refusalOf(url)).toContain('no connection left')
  })

  test('is found by its socket', async () => {
    const server = await openService('mysql', { own: true })
    onTestFinished(() => server.stop())
    const url = await server.fresh({ keep: true })
    const [found] = await asOwner.mysql(server.adminUrl, url, 'select @@socket as socket')
    const away = changed(url, { port: '1', search: `?host=${found?.socket}` })

    await expect(openStore(away).migrate()).resolves.not.toEqual([])
  })
})

describe.skipIf(!isOwnable('mysql'))('a MySQL that lets nobody in without TLS', () => {
  let server: OwnService
  let url: string
  beforeAll(async () => {
    server = await openService('mysql', { own: true, tls: true })
    url = await server.fresh({ keep: true })
  })
  afterAll(() => server.stop())

  test('says so, though MariaDB says no more than that it is not let in', async () => {
    expect(await refusalOf(url)).toContain('add ?sslmode=verify-full')
  })

  test.each([
    ['sslmode=require', '127.0.0.1', ''],
    ['sslmode=verify-ca', '127.0.0.1', 'ca'],
    ['sslmode=verify-full', 'localhost', 'ca'],
  ])('is reached with %s at %s', async (mode, hostname, ca) => {
    const search = `?${mode}${ca && `&sslrootcert=${server.caFile}`}`

    await expect(openStore(changed(url, { hostname, search })).migrate()).resolves.toBeDefined()
  })

  test('is not trusted under an authority nobody named, or another name', async () => {
    const unknown = changed(url, { hostname: 'localhost', search: '?sslmode=verify-full' })
    expect(await refusalOf(unknown)).toContain('certificate is not trusted')
    const search = `?sslmode=verify-full&sslrootcert=${server.caFile}`
    expect(() => openStore(changed(url, { search }))).toThrow('must name the server by its name')
  })
})
