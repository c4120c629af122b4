import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The page beside this file says where each attack is: nothing is left out, and nothing is where it says it is not. */
const here = new URL('.', import.meta.url)
const page = readFileSync(new URL('README.md', here), 'utf8')
const files = readdirSync(here).filter((name) => name.endsWith('.test.ts'))

const numberOf = (id: string): number => Number(id.slice(2))
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** `A-001 to A-005` and single ones. */
const named = new Set([
  ...[...page.matchAll(/(A-\d{3}) to (A-\d{3})/g)].flatMap(([, from = '', to = '']) =>
    range(numberOf(from), numberOf(to)),
  ),
  ...(page.match(/A-\d{3}/g) ?? []).map(numberOf),
])

test('every attack of A to D, G and I to L is on the page', () => {
  const wanted = [...range(1, 99), ...range(136, 157), ...range(174, 217)]

  expect(wanted.filter((number) => !named.has(number))).toEqual([])
})

test('every file of attacks is on the page', () => {
  const unnamed = files.filter((name) => !page.includes(`\`${name.replace('.test.ts', '')}\``))

  expect(unnamed.filter((name) => name !== 'catalogue.test.ts')).toEqual([])
})

test('every file on the page is there', () => {
  const names = [...page.matchAll(/`(test\/(?:journeys|faults)\/)?([a-z]+-[a-z0-9-]+)`/g)]
  const missing = names.flatMap(([, folder = 'test/attacks/', name]) => {
    const file = new URL(`../../${folder}${name}.test.ts`, here)
    return existsSync(file) ? [] : [`${folder}${name}`]
  })

  expect(missing).toEqual([])
})
