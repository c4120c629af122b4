import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Auth, createAuth } from '../../src/auth.js'
import { sqlStore } from '../../src/stores/sql/sql.js'
import { openSqlite } from '../../src/stores/sql/sqlite/driver.js'
import { newFolder, run, runJson, start } from './command.js'

const email = 'ada@example.com'

/** Does something in the database of a folder, as a process that begins and ends with it. */
const once = async <Result>(folder: string, work: (auth: Auth) => Promise<Result>) => {
  const auth = createAuth({ store: sqlStore(`sqlite:${join(folder, 'data/latchkey.db')}`) })
  try {
    return await work(auth)
  } finally {
    await auth.close()
  }
}

/** An account, and some events about it, each by a process of its own. */
const withEvents = async (): Promise<{ folder: string; id: string }> => {
  const folder = newFolder()
  const account = { email, password: 'correct horse battery' }
  const { id } = await once(folder, ({ users }) => users.create(account, { actor: 'cli' }))
  for (const isActive of [false, true, false])
    await once(folder, ({ users }) => users.setActive(email, isActive, {}))
  return { folder, id }
}

const write = (folder: string, sql: string): void => {
  const db = openSqlite(join(folder, 'data/latchkey.db'))
  db.exec(sql)
  db.close()
}

describe('audit verify', () => {
  test('says that a trail is intact, and with exit code 6 what is wrong with another', async () => {
    const { folder } = await withEvents()
    const intact = await runJson(folder, ['audit', 'verify'])
    const text = await run(folder, ['audit', 'verify'])
    write(folder, `update latchkey_events set type = 'x' || char(27) || '[2J' where sequence = 3`)
    const broken = await runJson(folder, ['audit', 'verify'])
    const brokenText = await run(folder, ['audit', 'verify'])

    expect(intact).toMatchObject({ code: 0, json: { intact: true, unchained: 0, findings: [] } })
    expect(intact.json.events).toBe(5)
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(/^✓ the trail is intact: 5 events by 4 processes\n$/)
    expect(broken).toMatchObject({
      code: 6,
      json: { intact: false, findings: [{ what: 'changed', sequence: 3 }] },
    })
    expect(brokenText.code).toBe(6)
    expect(brokenText.stdout).toMatch(/NOT intact[\s\S]*changed: .*sequence 3/)
  })

  test('compares checkpoints of a log, or one that is given', async () => {
    const { folder } = await withEvents()
    const db = openSqlite(join(folder, 'data/latchkey.db'))
    const [row] = db.prepare('select checkpoint from latchkey_recorders where number = 4').all()
    db.close()
    const { checkpoint } = { checkpoint: '', ...Object(row) }
    writeFileSync(join(folder, 'log'), `{"level":"info","checkpoint":"${checkpoint}"}\n{"x":1}\n`)
    const words = ['audit', 'verify', '--checkpoint']
    const good = await runJson(folder, [...words, 'log'])
    write(folder, 'delete from latchkey_recorders where number = 4')
    write(folder, 'delete from latchkey_events where sequence = 5')
    const unseen = await runJson(folder, ['audit', 'verify'])
    const seen = await runJson(folder, [...words, String(checkpoint)])
    const none = await runJson(folder, [...words, 'nothing'])

    expect(good).toMatchObject({ code: 0, json: { checkpoints_given: 1 } })
    expect(unseen.code).toBe(0)
    expect(seen).toMatchObject({ code: 6, json: { findings: [{ what: 'recorder_missing' }] } })
    expect([none.code, none.json.error.code]).toEqual([2, 'wrong_arguments'])
  })
})

describe('audit export', () => {
  let folder = ''
  let id = ''
  beforeAll(async () => {
    ;({ folder, id } = await withEvents())
    write(
      folder,
      `insert into latchkey_events (id, type, at, outcome, user_agent, request_id, details)
       values ('=1+1', 'login.failed', 1, 'failure', '@SUM(1)', char(9) || '-2', '{"a":"x\\"y"}')`,
    )
  })

  test('writes a line of JSON for each event, with what proves it', async () => {
    const { code, stdout } = await run(folder, ['audit', 'export'])
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

    expect(code).toBe(0)
    expect(events).toHaveLength(6)
    expect(events[1]).toMatchObject({
      sequence: 2,
      type: 'account.created',
      subject_id: id,
      actor_id: 'cli',
      chain: expect.stringMatching(/^[0-9a-f]{16}\.0$/),
      number: expect.any(Number),
      mac: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test('S-56, A-171: no cell of a CSV is a formula', async () => {
    const words = ['audit', 'export', '--format', 'csv', '--out', 'out.csv']
    const { json } = await runJson(folder, words)
    const file = join(folder, 'out.csv')
    const lines = readFileSync(file, 'utf8').split('\r\n')

    expect(json).toEqual({ events: 6, file: 'out.csv' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(lines[0]).toBe(
      'sequence,id,type,at,outcome,actor_id,subject_id,session_id,address,user_agent,request_id,details,chain,number,mac',
    )
    expect(lines.at(-2)).toContain(`"'=1+1"`)
    expect(lines.at(-2)).toContain(`"'@SUM(1)"`)
    expect(lines.at(-2)).toContain(`"'\t-2"`)
    expect(lines.at(-2)).toContain('"{""a"":""x\\""y""}"')
  })

  test('of a time, an account or a kind only', async () => {
    const count = async (...words: string[]) =>
      (await run(folder, ['audit', 'export', ...words])).stdout.split('\n').length - 1

    expect(await count('--since', '1d')).toBe(5)
    expect(await count('--until', '1d')).toBe(1)
    expect(await count('--subject', id)).toBe(4)
    expect(await count('--type', 'account')).toBe(4)
    expect(await count('--type', 'account.created', '--subject', id)).toBe(1)
    const wrong = await runJson(folder, ['audit', 'export', '--since', 'yesterday'])
    expect([wrong.code, wrong.json.error.code]).toEqual([2, 'wrong_arguments'])
  })
})

describe('audit tail', () => {
  test('shows the newest events, and nothing that a terminal would obey', async () => {
    const { folder } = await withEvents()
    write(
      folder,
      `update latchkey_events set type = 'x' || char(27) || ']0;evil' || char(10) || 'y' where sequence = 5`,
    )
    const { stdout } = await run(folder, ['audit', 'tail', '-n', '2'])
    const json = await runJson(folder, ['audit', 'tail', '-n', '2', '--type', 'account'])

    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(stdout).toContain('account.enabled')
    expect(stdout).toContain('x\\u001b]0;evil\\u000ay')
    expect(json.json.events.map(({ sequence }: { sequence: number }) => sequence)).toEqual([3, 4])
  })

  test('goes on with what comes', async () => {
    const { folder } = await withEvents()
    const child = start(folder, ['audit', 'tail', '--follow', '--lines', '1'])
    let said = ''
    const heard = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        said += chunk
        if (said.includes('account.disabled') && said.includes('account.enabled')) resolve()
      })
    })
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
    await once(folder, ({ users }) => users.setActive(email, true, {}))
    await heard
    child.kill('SIGTERM')

    expect(said.trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('audit prune', () => {
  test('counts first, takes away with --yes, and keeps the proof', async () => {
    const { folder } = await withEvents()
    const words = ['audit', 'prune', '--before', '0s']
    const dry = await runJson(folder, words)
    const before = await once(folder, ({ trail }) => trail.verify())
    const real = await runJson(folder, [...words, '--yes'])
    const after = await runJson(folder, ['audit', 'verify'])
    const events = await once(folder, ({ trail }) => trail.list({ limit: 9 }))

    expect(dry.json).toMatchObject({ removed: 0, found: 5 })
    expect(before.events).toBe(5)
    expect(real.json).toMatchObject({ removed: 5 })
    expect(after).toMatchObject({ code: 0, json: { intact: true, events: 1, pruned: 5 } })
    expect(events).toMatchObject([{ type: 'trail.pruned', actorId: 'cli' }])
  })

  test('takes nothing from a trail that was changed', async () => {
    const { folder } = await withEvents()
    write(folder, 'delete from latchkey_events where sequence = 2')
    const { code, json } = await runJson(folder, ['audit', 'prune', '--before', '0s', '--yes'])

    expect([code, json.error.code]).toEqual([6, 'trail_not_intact'])
    expect(await once(folder, ({ trail }) => trail.list({ limit: 9 }))).toHaveLength(4)
  })
})

test('audit key prints what checks the signature of a checkpoint', async () => {
  const { folder } = await withEvents()
  const { stdout } = await run(folder, ['audit', 'key'])

  expect(stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+-----END PUBLIC KEY-----\n$/)
})
