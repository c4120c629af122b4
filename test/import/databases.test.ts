import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient, ObjectId } from 'mongodb'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { createAuth } from '../../src/auth.js'
import { openDatabaseSource } from '../../src/server/import/database-source.js'
import { memoryStore } from '../../src/stores/memory/memory.js'
import { openHandle } from '../../src/stores/sql/sqlite/handle.js'
import { isReachable, openService, type Service } from '../services/services.js'
import { takeIn, usersOf } from './taken-in.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'))
const services: Service[] = []
afterAll(async () => {
  for (const service of services) await service.stop()
  rmSync(folder, { recursive: true, force: true })
})

const bcrypt = '$2b$12$abcdefghijklmnopqrstuuEyy7oSHSY7e0wRkqAGkzKkkE0uWQKLe'
const newAuth = () => createAuth({ store: memoryStore() })

let count = 0
const sqliteFile = (...statements: string[]): string => {
  count += 1
  const file = join(folder, `${count}.db`)
  const { prepare, drop } = openHandle(file, { readOnly: false })
  for (const statement of statements) prepare(statement).run()
  drop()
  return file
}

const taken = async (url: string, table?: string) => {
  const auth = newAuth()
  const source = await openDatabaseSource(url, table)
  const all = await takeIn(auth, source)
  await source.close()
  return { ...all, users: await usersOf(auth) }
}

describe('SQLite', () => {
  test('the table of the strict service is recognised and read, and the file stays as it was', async () => {
    const file = sqliteFile(
      `create table users (id integer primary key, email varchar(255) not null unique,
        hashed_password varchar(255) not null, created_at datetime, updated_at datetime)`,
      `insert into users values (17, 'ada@example.com', '${bcrypt}', '2024-01-02 03:04:05.678901', null)`,
    )
    const before = readFileSync(file)
    const { profile, users } = await taken(`sqlite+aiosqlite:///${file}`)

    expect(profile).toBe('strict')
    expect(users).toMatchObject([
      { id: '17', email: 'ada@example.com', passwordHash: bcrypt, lastLoginAt: null },
    ])
    expect(users[0]?.createdAt.toISOString()).toBe('2024-01-02T03:04:05.678Z')
    expect(readFileSync(file)).toEqual(before)
  })

  test('the table of the envelope service keeps its names as names to show, and counts who has no password', async () => {
    const file = sqliteFile(
      `create table users (id integer primary key, email text, username text, password_hash text,
        provider text, provider_id text, is_active integer, created_at text, updated_at text, last_login text)`,
      `insert into users values
        (1, 'a@b.de', 'Ada', '${bcrypt}', null, null, 1, '2024-01-02', '2024-01-03', '2024-01-04'),
        (2, 'c@d.de', 'Ada', null, 'google', '123', 0, '2024-01-02', '2024-01-03', null)`,
      'create table refresh_tokens (id integer, user_id integer, token_hash text)',
    )
    const { profile, users, report } = await taken(`sqlite:${file}`)

    expect(profile).toBe('envelope')
    expect(users).toMatchObject([
      { id: '1', username: null, firstName: 'Ada', isActive: true },
      { id: '2', username: null, firstName: 'Ada', isActive: false, passwordHash: null },
    ])
    expect(report).toMatchObject({ imported: 2, without_password: 1, identities: 1, unlinked: 0 })
  })

  test('names and roles of the username service come in under new ids, and once', async () => {
    const file = sqliteFile(
      'create table people (username text, password text, role text)',
      `insert into people values ('alice', '${bcrypt}', 'admin'), ('bob', 'secret', 'user')`,
    )
    const auth = newAuth()
    const source = await openDatabaseSource(`sqlite:${file}`, undefined)
    const first = await takeIn(auth, source, { plaintext: true })
    const again = await takeIn(auth, source, { plaintext: true })

    expect(first).toMatchObject({ profile: 'username', report: { imported: 2 } })
    expect(again.report).toMatchObject({ imported: 0, already_there: 2, refused: 0 })
    const users = await usersOf(auth)
    expect(users.toSorted((a, b) => (a.roles < b.roles ? -1 : 1))).toMatchObject([
      { username: 'alice', roles: ['admin'], passwordHash: bcrypt },
      { username: 'bob', roles: ['user'], passwordHash: expect.stringMatching(/^\$argon2id/) },
    ])
    const login = await auth.login({ username: 'bob', password: 'secret' }, { address: '::1' })
    expect(login).toHaveProperty('accessToken')
    await auth.close()
  })

  test('which of several tables, and that there is none, is asked with the words to add', async () => {
    const file = sqliteFile(
      'create table users (id, email, password)',
      'create table old_users (id, email, password)',
      'create table posts (id, title)',
    )
    const open = (table?: string) => openDatabaseSource(`sqlite:${file}`, table)

    await expect(open()).rejects.toThrow('Add --table old_users or --table users')
    await expect(open('nope')).rejects.toThrow('There is no table nope')
    expect((await open('users')).columns).toEqual(['id', 'email', 'password'])
    const none = sqliteFile('create table posts (id, title)')
    await expect(openDatabaseSource(`sqlite:${none}`, undefined)).rejects.toThrow('--table <name>')
    await expect(openDatabaseSource(`sqlite:${none}x`, undefined)).rejects.toThrow()
  })
})

const started = async (kind: 'postgres' | 'mysql' | 'mongodb'): Promise<string> => {
  const service = await openService(kind)
  services.push(service)
  return service.fresh()
}

test.skipIf(!isReachable('postgres'))(
  'PostgreSQL: the table of the cookie service is read page by page, with uuids and times in UTC',
  async () => {
    const url = await started('postgres')
    const client = new pg.Client(url)
    await client.connect()
    await client.query(`create table users (user_id uuid primary key default gen_random_uuid(),
      email text unique not null, password_hash text not null, first_name text not null,
      last_name text not null, created_at timestamp default current_timestamp)`)
    await client.query(`insert into users (email, password_hash, first_name, last_name, created_at)
      select 'person' || n || '@example.com', '${bcrypt}', 'P', 'N', '2024-01-02 03:04:05.5'
      from generate_series(1, 2345) n`)
    await client.end()
    const { profile, report, users } = await taken(url)

    expect(profile).toBe('cookie')
    expect(report).toMatchObject({ rows: 2345, imported: 2345, refused: 0 })
    expect(users[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-/),
      createdAt: new Date('2024-01-02T03:04:05.500Z'),
      firstName: 'P',
    })
  },
)

test.skipIf(!isReachable('mysql'))(
  'MariaDB: a table of usual names is read, with bits, days and JSON, with a key and without',
  async () => {
    const url = await started('mysql')
    const connection = await mysql.createConnection(url)
    await connection.query(`create table members (id bigint unsigned primary key auto_increment,
      mail varchar(255), password varchar(255), enabled bit(1), roles json, joined date,
      created_at datetime(3), last_login timestamp null)`)
    await connection.query("set time_zone = '+00:00'")
    await connection.query(`insert into members values
      (1, 'a@b.de', '${bcrypt}', b'1', '["staff"]', '2020-01-01', '2024-01-02 03:04:05.678', null),
      (9007199254740993, 'c@d.de', '${bcrypt}', b'0', '[]', null, '2024-01-02', '2024-01-02 03:04:05')`)
    await connection.query('create table copies as select * from members')
    await connection.end()
    const { report, users } = await taken(url, 'members')

    expect(report).toMatchObject({ imported: 2, refused: 0 })
    expect(users).toMatchObject([
      {
        id: '1',
        isActive: true,
        roles: ['staff'],
        createdAt: new Date('2024-01-02T03:04:05.678Z'),
      },
      { id: '9007199254740993', isActive: false, lastLoginAt: new Date('2024-01-02T03:04:05Z') },
    ])
    expect((await taken(url, 'copies')).users).toEqual(users)
  },
)

test.skipIf(!isReachable('mongodb'))(
  'MongoDB: the collection of the flat service is recognised, with its ids as hex digits',
  async () => {
    const url = await started('mongodb')
    const client = new MongoClient(url)
    const users = client.db().collection('users')
    const id = new ObjectId()
    const createdAt = new Date('2024-01-02T03:04:05.678Z')
    await users.insertMany([
      {
        ...{ _id: id, email: 'ada@example.com', password_hash: bcrypt, is_active: true },
        ...{ created_at: createdAt, refresh_tokens: ['a.b.c'] },
      },
      { email: 'eve@example.com', password_hash: bcrypt, is_active: false, created_at: createdAt },
      { email: 'ADA@example.com', password_hash: bcrypt, is_active: true, created_at: createdAt },
    ])
    await client.close()
    const { profile, report, users: found } = await taken(url)

    expect(profile).toBe('flat')
    expect(report).toMatchObject({
      imported: 2,
      refused: 1,
      reasons: { email_taken: { count: 1 } },
    })
    expect(found).toMatchObject([
      { id: id.toHexString(), email: 'ada@example.com', isActive: true, createdAt },
      { id: expect.stringMatching(/^[0-9a-f]{24}$/), isActive: false },
    ])
  },
)
