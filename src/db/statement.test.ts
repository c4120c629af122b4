import { describe, expect, test } from 'vitest'
import { names, read, refusal, sqlOf, syntaxOf } from '../../test/db/statements.js'

describe('placeholders', () => {
  test.each([
    ['postgres', 'select * from t where a = $1 and b = $2', ['x', 'y']],
    ['sqlite', 'select * from t where a = ? and b = ?', ['x', 'y']],
    ['mysql', 'select * from t where a = ? and b = ?', ['x', 'y']],
    ['sqlserver', 'select * from t where a = @1 and b = @2', ['x', 'y']],
  ] as const)('%s is given what it wants, for %%s and for $1', (name, sql, parameters) => {
    const [counted, numbered] = [
      read(name, 'select * from t where a = %s and b = %s', 'x', 'y'),
      read(name, 'select * from t where a = $1 and b = $2', 'x', 'y'),
    ]

    expect(counted).toMatchObject({ sql, parameters })
    expect(numbered).toMatchObject({ sql, parameters })
  })

  test('a number may stand twice, and in any order', () => {
    const text = 'select $2, $1, $2'

    expect(read('postgres', text, 'a', 'b')).toMatchObject({ sql: text, parameters: ['a', 'b'] })
    expect(read('sqlite', text, 'a', 'b')).toMatchObject({
      sql: 'select ?, ?, ?',
      parameters: ['b', 'a', 'b'],
    })
  })

  test.each([
    ['postgres', "select '%s $1', %s"],
    ['postgres', 'select "%s $1", %s'],
    ['postgres', 'select $$%s $1$$, $q$ $$ %s $q$, %s'],
    ['postgres', "select E'\\'%s', e'%s', %s"],
    ['postgres', 'select 1 -- %s $1\n, %s'],
    ['postgres', 'select 1 /* %s /* $1 */ %s */, %s'],
    ['postgres', "select 'it''s %s', %s"],
    ['sqlite', 'select `%s`, [$1 %s], %s'],
    ['sqlite', "select '\\', %s, '$1'"],
    ['mysql', 'select \'it\\\'s %s\', "\\"$1", %s # %s'],
    ['sqlserver', 'select [a]]%s], %s /* /* %s */ $1 */'],
  ] as const)('%s: no placeholder stands in a string, a name or a comment: %s', (name, text) => {
    const { sql, parameters } = read(name, text, 'x')

    expect(parameters).toEqual(['x'])
    expect(text.replace(', %s', `, ${syntaxOf(name).placeholder(1)}`).startsWith(sql)).toBe(true)
  })

  test('what stands behind the last word is left out, since drivers have something to add', () => {
    for (const name of names) expect(sqlOf(name, ' select 1 ; -- done\n ;')).toBe(' select 1')
    expect(sqlOf('sqlserver', 'merge t using s on 1 = 1 when matched then delete')).toMatch(/;$/)
  })

  test('mysql: its driver would fill any ?, so none stands in what is no code', () => {
    expect(sqlOf('mysql', 'select /* why? */ %s', 'x')).toBe('select   ?')
    expect(refusal('mysql', "select 'why?', %s", 'x')).toMatch(/with a \? in it a value/)
    expect(sqlOf('mysql', "select 'why?'")).toBe("select 'why?'")
  })

  test('%% is a percent sign where %s is used, in strings too, as psycopg has it', () => {
    expect(sqlOf('postgres', "select 7 %% 4, '5%%' where a like %s", 'x')).toBe(
      "select 7 % 4, '5%' where a like $1",
    )
    expect(sqlOf('postgres', "select 7 % 4, '5%%' where a like $1", 'x')).toBe(
      "select 7 % 4, '5%%' where a like $1",
    )
    expect(sqlOf('postgres', "select 7 % 4, '%%s'")).toBe("select 7 % 4, '%%s'")
  })

  test('an operator is none, and neither is a part of a name', () => {
    expect(sqlOf('postgres', 'select a %size, b$1, c->$1', 'x')).toBe('select a %size, b$1, c->$1')
    expect(sqlOf('postgres', "select j ? 'key', a::int, b[1:2]")).toContain("j ? 'key'")
  })

  test('both kinds in one statement are refused', () => {
    expect(refusal('postgres', 'select %s, $1', 'x')).toMatch(/mixes %s and \$1/)
  })

  test.each([
    ['select %s, %s', ['x'], /takes 2 values, and 1 came/],
    ['select %s', ['x', 'y'], /takes 1 value, and 2 came/],
    ['select 1', ['x'], /takes 0 values, and 1 came/],
    ['select $1, $3', ['x', 'y', 'z'], /leaves \$2 out/],
    ['select $2', ['x'], /takes 2 values, and 1 came/],
    ['select $12', ['x'], /takes 12 values, and 1 came/],
  ] as const)('%s with the wrong number of values', (text, values, sentence) => {
    for (const name of names) expect(refusal(name, text, ...values)).toMatch(sentence)
  })

  test.each([
    ['sqlite', 'select ?'],
    ['sqlite', 'select :id'],
    ['sqlite', 'select @id'],
    ['sqlite', 'select $id'],
    ['mysql', 'select ?'],
    ['sqlserver', 'select @1'],
  ] as const)(
    "%s: the driver's own placeholders would be filled with nothing: %s",
    (name, text) => {
      expect(refusal(name, text)).toMatch(/Write \$1 or %s/)
    },
  )
})

test.each([
  ['insert into t select 1', 'insert'],
  ['/* a */ (select 1)', 'select'],
  ['with a as (select 1), b(c) as (delete from x) insert into t select 1', 'insert'],
  ['WITH RECURSIVE a AS (values (1)) SELECT 1', 'select'],
  ['explain select 1', 'explain'],
])('%s is known by what it does', (text, verb) => {
  expect(read('postgres', text).verb).toBe(verb)
})
