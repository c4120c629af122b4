import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { newFolder, run, runJson } from './command.js'

const folder = newFolder()

test('without words it says what there is', async () => {
  const { code, stdout } = await run(folder, [])

  expect(code).toBe(0)
  for (const word of ['serve', 'migrate', 'config', 'doctor', 'users', 'keys', 'Exit codes'])
    expect(stdout).toContain(word)
})

test.each([['--version'], ['--help'], ['users', '--help']])(
  '%s %s loads neither a database nor a hasher nor schemas',
  async (...words) => {
    const coverage = newFolder()
    const { code, stdout } = await run(folder, words, { NODE_V8_COVERAGE: coverage })
    const loaded = readdirSync(coverage)
      .flatMap((file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result)
      .flatMap(({ url }: { url: string }) => sourcesOf(url))

    expect(code).toBe(0)
    expect(stdout).toContain(words[0] === '--version' ? manifest.version : 'Usage: latchkey')
    expect(loaded.some((url) => url.includes('commander'))).toBe(true)
    expect(loaded.filter((url) => /zod|kysely|sqlite|argon2|pino|jose|stores/.test(url))).toEqual(
      [],
    )
  },
)

/** The command is a bundle: its source maps say what a file is made of. */
const sourcesOf = (url: string): string[] => {
  const map = url.startsWith('file:') ? new URL(`${url}.map`) : undefined
  if (map === undefined || !existsSync(map)) return [url]
  return JSON.parse(readFileSync(map, 'utf8')).sources
}

describe('wrong words end with exit code 2 and a sentence', () => {
  test.each([
    [['usres'], /Did you mean users/],
    [['users'], /A command is missing/],
    [['users', 'lst'], /Did you mean list/],
    [['serve', '--prot', '1'], /Did you mean --port/],
    [['users', 'disable'], /missing required argument 'account'/],
    [['users', 'list', '--limit', '0'], /--limit must be/],
    [['users', 'create', '--generate'], /--email or --username/],
    [['users', 'create', '--email', 'a@example.com'], /--password-stdin, or --generate/],
    [['users', 'create', '--email', 'a@example.com', '--generate', '--password-stdin'], /not both/],
  ])('%j', async (words, sentence) => {
    const { code, stdout, stderr } = await run(newFolder(), words)

    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('for programs, as JSON', async () => {
    expect(await runJson(folder, ['usres'])).toEqual({
      code: 2,
      stderr: '',
      json: { error: { code: 'wrong_arguments', detail: expect.stringContaining('usres') } },
    })
  })
})

test('a password is never taken as an argument', async () => {
  const { code, stderr } = await run(folder, ['users', 'create', '--password', 'hunter2hunter2'])

  expect(code).toBe(2)
  expect(stderr).toContain("unknown option '--password'")
  expect(stderr).not.toContain('hunter2')
})

describe('wrong settings', () => {
  const variables = { PORT: 'eighty', JWT_SECRET_KEY: 'hunter2', RETURN_URLS: 'x' }

  test.each([['serve'], ['migrate'], ['users list'], ['keys list'], ['config check']])(
    'stop %s with exit code 2, all at once, no secret repeated',
    async (words) => {
      const { code, stdout, stderr } = await run(folder, words.split(' '), variables)

      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      for (const name of Object.keys(variables)) expect(stderr).toContain(`${name}: `)
      expect(stderr).not.toContain('hunter2')
    },
  )

  test('are points of one document for programs', async () => {
    const { code, json } = await runJson(folder, ['serve'], variables)

    expect(code).toBe(2)
    expect(json.error.code).toBe('wrong_settings')
    expect(json.error.points.map(({ name }: { name: string }) => name).sort()).toEqual(
      Object.keys(variables).sort(),
    )
  })

  test.each(['sqlite:/etc/hostname/latchkey.db', 'sqlite:/etc'])(
    'a database that cannot be opened is one sentence: %s',
    async (url) => {
      const { code, stderr } = await run(folder, ['migrate'], { DATABASE_URL: url })

      expect(code).toBe(2)
      expect(stderr.trim().split('\n')).toHaveLength(2)
      expect(stderr).toMatch(/DATABASE_URL: the SQLite file cannot be opened .*Check that/)
    },
  )
})

test('where an error arose is shown with LOG_LEVEL=debug only', async () => {
  const quiet = await run(folder, ['serve'], { HOST: '192.0.2.1' })
  const debug = await run(folder, ['serve'], { HOST: '192.0.2.1', LOG_LEVEL: 'debug' })

  expect(quiet.code).toBe(1)
  expect(quiet.stderr).toContain('This machine has no address 192.0.2.1. Set HOST')
  expect(quiet.stderr).not.toMatch(/\n\s+at /)
  expect(debug.stderr).toMatch(/\n\s+at /)
})

test('nothing is coloured in a pipe', async () => {
  const texts = await Promise.all([
    run(folder, ['doctor']),
    run(folder, ['users', 'list']),
    run(folder, ['nonsense']),
  ])

  for (const { stdout, stderr } of texts) expect(stdout + stderr).not.toContain('\u001b')
})
