import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { settingsTable } from '../src/server/env.js'
import { inspectSettings } from '../src/server/settings.js'

const root = fileURLToPath(new URL('..', import.meta.url))

test('what is generated from the code says what the code says', () => {
  const check = [join(root, 'scripts/docs.mjs'), '--check']
  let stale = ''
  try {
    stale = execFileSync(process.execPath, check, { cwd: root, encoding: 'utf8' })
  } catch (error) {
    stale = String(error instanceof Error && 'stdout' in error ? error.stdout : error)
  }

  expect(stale).toBe('')
})

test('the example of settings is accepted as it is, and names every setting once', () => {
  const envFile = join(root, '.env.example')
  const text = readFileSync(envFile, 'utf8')

  expect(inspectSettings({ environment: {}, envFile }).mistakes).toEqual([])
  for (const { variable } of settingsTable) {
    expect(text.match(new RegExp(`^#${variable}=`, 'gm')), variable).toHaveLength(1)
  }
})

test.each(['configuration.md', 'errors.md', 'cli.md'])('links in %s lead somewhere', (name) => {
  const path = join(root, 'docs', name)
  const links = [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => link)

  for (const link of links) expect(existsSync(join(dirname(path), link ?? '')), link).toBe(true)
})
