import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectSettings, type Variables } from './settings.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'))
const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const empty = file('empty.env', '')
const strong = [
  'q8Zr2LxvT0mYbKs7NdWc4HfGj1PuEo9iA3tRzVyX6k',
  'Xw5Bn8Jt3Gc6Qz1Vk9Ls2Dp7Hf4Mr0Ty_aUe-iOoWqE',
] as const

/** Mistakes by the name they are reported under. */
const mistakesOf = (environment: Variables): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const { option, detail } of inspectSettings({ environment, envFile: empty }).mistakes)
    found[option] = [...(found[option] ?? []), detail]
  return found
}

describe('secrets', () => {
  test('may come from a file, without its last line end', () => {
    const JWT_SECRET_KEY_FILE = file('jwt', `${strong[0]}\n`)
    const { settings, mistakes } = inspectSettings({
      environment: { JWT_SECRET_KEY_FILE },
      envFile: empty,
    })

    expect(mistakes).toEqual([])
    expect(settings.auth.tokens?.secret).toBe(strong[0])
  })

  test.each([
    ['twice', { JWT_SECRET_KEY: strong[0], JWT_SECRET_KEY_FILE: file('a', strong[1]) }],
    ['from a file that is not there', { JWT_SECRET_KEY_FILE: join(folder, 'none') }],
    ['from an empty file', { JWT_SECRET_KEY_FILE: file('b', '\n') }],
    ['from a file, and weak', { JWT_SECRET_KEY_FILE: file('c', 'weak') }],
    ['from a file, though it is no secret', { JWT_ISSUER_FILE: file('d', 'x') }],
  ])('%s: refused', (_, environment) => {
    expect(Object.keys(mistakesOf(environment))).toHaveLength(1)
  })

  test.each([
    ['short', 'hunter2'],
    ['a sample', 'change-me-please-change-me-please-now'],
    ['on a public list', 'your-256-bit-secret-your-256-bit-secret'],
    ['the same sign again', 'a'.repeat(64)],
  ])('%s: refused and never repeated', (_, secret) => {
    for (const name of ['LATCHKEY_SECRET', 'JWT_SECRET_KEY', 'JWT_REFRESH_SECRET_KEY']) {
      const mistakes = mistakesOf({ [name]: secret })
      expect(Object.keys(mistakes)).toEqual([name])
      expect(JSON.stringify(mistakes)).not.toContain(secret)
    }
  })

  test('two that are equal are refused under the name of the second', () => {
    const pair = {
      AUTH_PROFILE: 'native',
      JWT_SECRET_KEY: strong[0],
      JWT_REFRESH_SECRET_KEY: strong[0],
    }
    const other = { LATCHKEY_SECRET: strong[1], JWT_REFRESH_SECRET_KEY: strong[1] }

    expect(Object.keys(mistakesOf(pair))).toEqual(['JWT_REFRESH_SECRET_KEY'])
    expect(Object.keys(mistakesOf(other))).toEqual(['JWT_REFRESH_SECRET_KEY'])
    expect(mistakesOf({ ...pair, JWT_REFRESH_SECRET_KEY: strong[1] })).toEqual({})
  })
})
