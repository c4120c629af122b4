import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { localSecret } from './local-secret.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-secret-'))
const file = join(folder, 'latchkey.key')

afterEach(() => rmSync(file, { force: true }))

test('the first start makes a secret that only its owner may read, later ones find it', () => {
  const secret = localSecret(file)

  expect(secret).toHaveLength(43)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(localSecret(file)).toBe(secret)
  expect(readFileSync(file, 'utf8').trim()).toBe(secret)
  expect(readdirSync(folder)).toEqual(['latchkey.key'])
})

test.each(['', '\n', 'short'])('a key file with %j in it is refused, never used', (content) => {
  writeFileSync(file, content)

  expect(() => localSecret(file)).toThrow(/holds no secret/)
  expect(readFileSync(file, 'utf8')).toBe(content)
})

test('the folder is made when it is not there, for its owner only', () => {
  const inside = join(folder, 'new', 'latchkey.key')

  expect(localSecret(inside)).toHaveLength(43)
  expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
})
