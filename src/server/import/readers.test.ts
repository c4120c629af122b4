import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createCsvReader, separatorOf } from './csv.js'
import { openFileSource } from './file-source.js'
import { createListReader } from './json-array.js'
import { createSeen } from './seen.js'
import type { SourceRow } from './source.js'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const rowsOf = async (name: string, content: string | Buffer): Promise<SourceRow[]> => {
  count += 1
  const file = join(folder, `${count}.${name}`)
  writeFileSync(file, content)
  const source = await openFileSource(file)
  const rows: SourceRow[] = []
  for await (const portion of source.rows(source.columns)) rows.push(...portion)
  return rows
}

/** A text cut into pieces at any places, as a file comes from the disk. */
const cut = (text: string, places: readonly number[]): string[] => {
  const edges = [0, ...places.map((place) => place % (text.length + 1)), text.length]
  const inOrder = edges.toSorted((a, b) => a - b)
  return inOrder.slice(1).map((end, index) => text.slice(inOrder[index], end))
}
const places = fc.array(fc.nat({ max: 5000 }), { maxLength: 6 })

describe('CSV', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ä', ',', ';', '"', '\n', '\r\n', ' ', '') })
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 }),
    )
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
  const written = (text: string, isQuoted: boolean): string =>
    isQuoted || /[",;\r\n]/.test(text) ? quoted(text) : text

  test('whatever was written as RFC 4180 has it is read as it was, in whatever pieces it comes', () => {
    const property = fc.property(
      table,
      fc.boolean(),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      places,
      (rows, isQuoted, end, hasLastEnd, where) => {
        const lines = rows.map((row) => row.map((each) => written(each, isQuoted)).join(','))
        const text = lines.join(end) + (hasLastEnd ? end : '')
        const read = createCsvReader(',')
        const pieces = cut(text, where)
        const records = [...pieces.flatMap((piece) => read(piece, false)), ...read('', true)]

        expect(records).toEqual(rows)
      },
    )
    fc.assert(property, { numRuns: 500 })
  })

  test('nothing makes it fail, and it always comes to an end', () => {
    const hostile = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a') })
    fc.assert(
      fc.property(hostile, places, (text, where) => {
        const read = createCsvReader(',')
        for (const piece of cut(text, where)) read(piece, false)
        read('', true)

        expect(read('', true)).toEqual([])
      }),
    )
  })

  test('a quote that is left open costs its own row, and none behind it', async () => {
    const rows = await rowsOf('csv', 'id,name\n1,"open\n2,b\n3,c\n')

    expect(rows).toEqual([
      { row: 1, broken: 'a quote has no end' },
      { row: 2, values: { id: '2', name: 'b' } },
      { row: 3, values: { id: '3', name: 'c' } },
    ])
  })

  test('rows that are too short, too long or not UTF-8 are told, and the rest is read', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeffid;name\r\n1;a\r\n2\r\n3;b;c\r\n4;'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\r\n5;"x"y\r\n\r\n6;z'),
    ])

    expect(await rowsOf('csv', bytes)).toEqual([
      { row: 1, values: { id: '1', name: 'a' } },
      { row: 2, broken: 'wrong number of cells' },
      { row: 3, broken: 'wrong number of cells' },
      { row: 4, broken: 'not UTF-8' },
      { row: 5, broken: 'wrong number of cells' },
      { row: 6, values: { id: '6', name: 'z' } },
    ])
  })

  test.each([
    ['a,b,c', ','],
    ['a;b,c;d', ';'],
    ['a\tb', '\t'],
    ['"a,b,c";d', ';'],
  ])('the cells of %j are divided by %j', (line, sign) => {
    expect(separatorOf(line)).toBe(sign)
  })

  test.each(['id,id\n1,2', 'id,\n1,2', 'one\n1', ''])('%j has no usable titles', async (text) => {
    await expect(rowsOf('csv', text)).rejects.toMatchObject({ code: 'wrong_source' })
  })
})

describe('JSON', () => {
  test('the objects of a list are found, in whatever pieces they come', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()))
    const property = fc.property(objects, fc.boolean(), places, (list, isInside, where) => {
      const document = isInside ? { version: 'a "[{" b', users: list, others: [{}] } : list
      const reader = createListReader()
      const found = cut(JSON.stringify(document), where).flatMap(reader.read)

      expect(found.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)))
      expect(reader.isWhole()).toBe(true)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('a list that breaks off and objects that are none are told', async () => {
    expect(await rowsOf('json', '[{"id":1},{"id":},{"id":3}')).toEqual([
      { row: 1, values: { id: 1 } },
      { row: 2, broken: 'not a JSON object' },
      { row: 3, values: { id: 3 } },
      { row: 4, broken: 'the list has no end' },
    ])
  })

  test('lines are read one by one, and those that are no object are told', async () => {
    expect(await rowsOf('ndjson', '{"id":1}\n\nnot json\r\n[1]\n{"__proto__":1,"id":5}')).toEqual([
      { row: 1, values: { id: 1 } },
      { row: 2, broken: 'not a JSON object' },
      { row: 3, broken: 'not a JSON object' },
      { row: 4, values: expect.objectContaining({ id: 5 }) },
    ])
  })

  test('a file of another kind or encoding is refused with what to do', async () => {
    await expect(rowsOf('xml', '<a/>')).rejects.toThrow(/\.csv, \.ndjson or \.json/)
    await expect(rowsOf('csv', Buffer.from('id,name', 'utf16le'))).rejects.toThrow(/not UTF-8/)
    await expect(openFileSource(join(folder, 'nowhere.csv'))).rejects.toThrow(/There is no file/)
  })
})

test('what was seen is known again, and nothing else is', () => {
  const seen = createSeen()
  const keys = Array.from({ length: 100_000 }, (_, index) => `e:person${index}@example.com`)
  const known = keys.filter((key) => {
    const wasKnown = seen.has(key)
    seen.add(key)
    return wasKnown
  })

  expect(known).toEqual([])
  expect(keys.every(seen.has)).toBe(true)
  expect(keys.some((key) => seen.has(`${key}!`))).toBe(false)
})
