import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checks, settingsCheck } from '../../../src/server/doctor/doctor.js'

/** The guide names every check with what it looks at and how it is mended, in the words of the code. */
const guide = readFileSync(new URL('../../../docs/guides/doctor.md', import.meta.url), 'utf8')
const rows = [settingsCheck, ...checks].map(
  ({ name, looksAt, mend }) => `| ${name} | ${looksAt} | ${mend} |`,
)

test('the table of the guide is that of the checks', () => {
  const table = guide.split('\n').filter((line) => line.startsWith('| '))

  expect(table.slice(1)).toEqual(rows)
})

test('no two checks have one name', () => {
  const names = [settingsCheck, ...checks].map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
})
