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

describe.skipIf(!isReachable('postgres'))('PostgreSQL refuses a start in words that help', () => {
  test('a wrong password, a wrong user, a database that is not there', async () => {
    const { url } = await openService('postgres')

    expect(await refusalOf(changed(url, { password: 'topsecret' }))).toContain('password that')
    expect(await refusalOf(changed(url, { username: 'nobody' }))).toContain('password that')
    expect(await refusalOf(changed(url, { pathname: '/nowhere' }))).toContain('createdb nowhere')
  })

  test('a user who may not make tables, until they may', async () => {
    const { adminUrl, url } = await openService('postgres')
    const place = await (await openService('postgres')).fresh()
    const owner = (sql: string) => asOwner.postgres(adminUrl, place, sql)
    const user = decodeURIComponent(new URL(url).username)
    const database = new URL(place).pathname.slice(1)
    await owner(`alter database ${database} owner to current_user;
      revoke all on schema public from public; alter schema public owner to current_user`)

    expect(await refusalOf(place)).toMatch(/grant create, usage on schema public|search_path/)
    await owner(`grant create, usage on schema public to ${user}`)
    expect(await openStore(place).migrate()).not.toEqual([])
    expect(await openStore(place).users.find('nobody')).toBeUndefined()
  })

  test('a database that is not in UTF-8', async () => {
    const { adminUrl, url } = await openService('postgres')
    for (const encoding of ['SQL_ASCII', 'LATIN1']) {
      const name = `latchkey_${encoding.toLowerCase()}_${process.pid}`
      await asOwner.postgres(
        adminUrl,
        adminUrl,
        `create database ${name} encoding '${encoding}' locale 'C' locale_provider libc template template0`,
      )
      onTestFinished(async () => {
        await asOwner.postgres(adminUrl, adminUrl, `drop database ${name} with (force)`)
      })
      expect(await refusalOf(changed(url, { pathname: name }))).toMatch(
        new RegExp(`is a database in ${encoding}.*encoding 'UTF8'`),
      )
    }
  })

  test('what a failed statement held is not told', async () => {
    const store = openStore(await (await openService('postgres')).fresh())
    await store.migrate()
    const session = sampleSession({ nonce: 'topsecret' })
    await store.sessions.insert(session)
    const error: unknown = await store.sessions.insert(session).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: '23505' })
    expect(error instanceof Error && error.stack).not.toContain(session.id)
  })

  test('the way to another machine is a concern unless it is encrypted', async () => {
    expect(await openStore('postgres://ada:pw@db/latchkey').concerns()).toMatchObject([
      { concern: 'the way to PostgreSQL is not encrypted' },
    ])
    for (const url of [
      'postgres://db/latchkey?sslmode=verify-full',
      'postgres://localhost/latchkey',
    ])
      expect(await openStore(url).concerns()).toEqual([])
  })
})

describe.skipIf(!isOwnable('postgres'))('a PostgreSQL that only reads', () => {
  test('starts nothing new, and serves what is there', async () => {
    const server = await openService('postgres', { own: true })
    onTestFinished(() => server.stop())
    const [url, empty] = [await server.fresh({ keep: true }), await server.fresh({ keep: true })]
    await openStore(url).migrate()
    const readOnly = (setting: string) =>
      asOwner.postgres(
        server.adminUrl,
        url,
        `set default_transaction_read_only = off;
        alter role latchkey set default_transaction_read_only = ${setting}`,
      )
    await readOnly('on')
    const store = openStore(url)

    expect(await refusalOf(empty)).toContain('leads to a server that only reads')
    await expect(store.sessions.insert(sampleSession())).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    expect(await store.migrate()).toEqual([])
    expect(await store.users.find('nobody')).toBeUndefined()
  })
})

describe.skipIf(!isOwnable('postgres'))('a PostgreSQL that lets nobody in without TLS', () => {
  let server: OwnService
  let url: string
  beforeAll(async () => {
    server = await openService('postgres', { own: true, tls: true })
    url = await server.fresh({ keep: true })
  })
  afterAll(() => server.stop())

  test('says so', async () => {
    expect(await refusalOf(url)).toContain('sslmode=verify-full')
  })

  test.each([
    ['sslmode=require', '127.0.0.1', ''],
    ['sslmode=verify-ca', '127.0.0.1', 'ca'],
    ['sslmode=verify-full', '127.0.0.1', 'ca'],
    ['sslmode=verify-full', 'localhost', 'ca'],
  ])('is reached with %s at %s', async (mode, hostname, ca) => {
    const search = `?${mode}${ca && `&sslrootcert=${server.caFile}`}`

    await expect(openStore(changed(url, { hostname, search })).migrate()).resolves.toBeDefined()
  })

  test('is not trusted under an authority nobody named', async () => {
    expect(await refusalOf(changed(url, { search: '?sslmode=verify-full' }))).toContain(
      'certificate is not trusted',
    )
  })
})

describe.skipIf(!isOwnable('postgres'))('a PostgreSQL without TLS', () => {
  test('is not asked in plain words when TLS was wanted', async () => {
    const { url } = await openService('postgres')

    expect(await refusalOf(changed(url, { search: '?sslmode=require' }))).toContain(
      'asks for TLS, which the server does not offer',
    )
  })
})
